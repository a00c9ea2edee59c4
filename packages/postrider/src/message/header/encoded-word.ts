export function decodeEncodedWords(text: string): string {
  return text;
}
