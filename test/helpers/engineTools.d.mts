/** What a launch plan says of an engine's tool. */
export interface EngineTool {
  readonly tool: string[];
  readonly toolVersion?: string;
  readonly env?: { readonly PYTHONPATH: string };
}
export declare function pySpyTool(): EngineTool;
export declare function austin3Tool(): EngineTool;
export declare function austin4Tool(): Promise<EngineTool | undefined>;
export declare function packageTool(name: 'viztracer' | 'memray' | 'uvloop', pythonVersion: string): EngineTool;
