// What both programs need: an error that is expected, and a comparison that says what it saw.

import { isAxiosError } from "axios";

import { StandardError } from "./client";

export function equal<T>(shown: T, expected: T): void {
  if (JSON.stringify(shown) !== JSON.stringify(expected)) {
    throw new TypeError(`${JSON.stringify(shown)} instead of ${JSON.stringify(expected)}`);
  }
}

/** The body that a call is refused with. */
export async function refusal<T = StandardError>(status: number, call: Promise<unknown>): Promise<T> {
  try {
    await call;
  } catch (error) {
    if (!isAxiosError<T>(error) || error.response === undefined) throw error;
    equal(error.response.status, status);
    return error.response.data;
  }
  throw new TypeError(`success instead of ${status}`);
}

export function said(error: StandardError): string | null | undefined {
  equal(error.messages[0].default_message.length > 0, true);
  return error.error_type;
}
