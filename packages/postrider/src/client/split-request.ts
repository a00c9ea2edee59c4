/**
 * A message that a server takes in several transactions only: a request for each, and one answer to the caller's.
 *
 * Layer: client. RFC 9422 §4.2 (RCPTMAX).
 */
import type { Envelope } from "../protocol/envelope.js";
import { splitDelivery } from "../submission/split-delivery.js";
import type { Delivery } from "../submission/submission.js";
import { Answer } from "./answer.js";
import { type DeliveryPart, type DeliveryRequest, deliveryRequest } from "./request.js";

/** The requests that take its place; it is answered once all of them are, whatever became of each. */
export function splitRequest(request: DeliveryRequest, envelopes: readonly Envelope[]): readonly DeliveryRequest[] {
  const { deliveries, release } = splitDelivery(request.delivery, envelopes);
  const answers = new Array<readonly DeliveryPart[]>(deliveries.length).fill([]);
  let open = deliveries.length;
  const answer = (index: number, parts: readonly DeliveryPart[]): void => {
    answers[index] = parts;
    if (--open > 0) return;
    release();
    request.answer.resolve(answers.flat());
  };
  const parts = deliveries.map((delivery, index) => partOf(request, delivery, (parts) => answer(index, parts)));
  request.parts = parts;
  return parts;
}

function partOf(
  request: DeliveryRequest,
  delivery: Delivery,
  answer: (parts: readonly DeliveryPart[]) => void,
): DeliveryRequest {
  const { envelope } = delivery;
  return deliveryRequest(delivery, request.home, new Answer(answer, (error) => answer([{ envelope, error }])));
}
