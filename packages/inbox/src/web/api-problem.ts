/**
 * A failure in words, as JSON.
 */
import type { Context } from "hono";

export function problem(context: Context, status: 400 | 404 | 405 | 409 | 413 | 500 | 502, error: string): Response {
  return context.json({ error }, status);
}
