/** The few shapes of the Debug Adapter Protocol that a profiling session needs. */

/** What the editor asks. */
export interface ProtocolRequest {
  readonly type: 'request';
  readonly seq: number;
  readonly command: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What the editor answers to `runInTerminal`. */
export interface ProtocolResponse {
  readonly type: 'response';
  readonly request_seq: number;
  readonly success: boolean;
  readonly message?: string;
}

export type ProtocolMessage = ProtocolRequest | ProtocolResponse;

/** What a profiling session can do: end its program, and nothing that would stop it in between. */
export const capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsTerminateRequest: true,
  supportTerminateDebuggee: true,
};
