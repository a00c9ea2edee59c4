/**
 * HTML as pieces to be coloured: tags, attributes, values, comments, text. All of the text comes out again, in order.
 */

export interface HtmlToken {
  readonly kind: "text" | "tag" | "name" | "value" | "comment" | "entity";
  readonly text: string;
}

const PIECE =
  /(<!--[\s\S]*?(?:-->|$)|<![^>]*>|<\?[^>]*>)|(<\/?[a-zA-Z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)(>?)|(&#?\w{1,32};)|([^<&]+|[<&])/g;
const ATTRIBUTE = /([^\s=/"']+)|("[^"]*"?|'[^']*'?)|([\s=/]+)/g;

export function* htmlTokens(html: string): Generator<HtmlToken> {
  for (const [, comment, open, attributes = "", close = "", entity, text] of html.matchAll(PIECE)) {
    if (comment !== undefined) yield { kind: "comment", text: comment };
    else if (entity !== undefined) yield { kind: "entity", text: entity };
    else if (text !== undefined) yield { kind: "text", text };
    else {
      yield { kind: "tag", text: open ?? "" };
      yield* attributeTokens(attributes);
      if (close !== "") yield { kind: "tag", text: close };
    }
  }
}

function* attributeTokens(attributes: string): Generator<HtmlToken> {
  let expectsValue = false;
  for (const [, word, quoted, between] of attributes.matchAll(ATTRIBUTE)) {
    if (between !== undefined) {
      expectsValue = between.includes("=");
      yield { kind: "text", text: between };
    } else if (quoted !== undefined) yield { kind: "value", text: quoted };
    else yield { kind: expectsValue ? "value" : "name", text: word ?? "" };
  }
}
