/** Every id that the manifest and the code share. A test compares this file with package.json both ways. */
export const commands = {
  profileFile: 'pyrolens.profileFile',
  profileFileCounts: 'pyrolens.profileFileCounts',
  profileFileLast: 'pyrolens.profileFileLast',
  profileLaunchConfiguration: 'pyrolens.profileLaunchConfiguration',
  profileModule: 'pyrolens.profileModule',
  profileTest: 'pyrolens.profileTest',
  attach: 'pyrolens.attach',
  profileCell: 'pyrolens.profileCell',
  profileDebugSession: 'pyrolens.profileDebugSession',
  keepLast: 'pyrolens.keepLast',
  stop: 'pyrolens.stop',
  toggleLive: 'pyrolens.toggleLive',
  clear: 'pyrolens.clear',
  toggleInline: 'pyrolens.toggleInline',
  revealInFlameGraph: 'pyrolens.revealInFlameGraph',
  openRun: 'pyrolens.openRun',
  openProfile: 'pyrolens.openProfile',
  openWith: 'pyrolens.openWith',
  locateSource: 'pyrolens.locateSource',
  openLastRun: 'pyrolens.openLastRun',
  showRunInEditor: 'pyrolens.showRunInEditor',
  renameRun: 'pyrolens.renameRun',
  deleteRun: 'pyrolens.deleteRun',
  exportRun: 'pyrolens.exportRun',
  refreshRuns: 'pyrolens.refreshRuns',
  showAsText: 'pyrolens.showAsText',
  openSample: 'pyrolens.openSample',
  openSampleWorkspace: 'pyrolens.openSampleWorkspace',
  showLog: 'pyrolens.showLog',
  selectInterpreter: 'pyrolens.selectInterpreter',
  selectEngine: 'pyrolens.selectEngine',
  doctor: 'pyrolens.doctor',
  restartServer: 'pyrolens.restartServer',
  unwindSelection: 'pyrolens.unwindSelection',
  nextGap: 'pyrolens.nextGap',
  previousGap: 'pyrolens.previousGap',
  toggleTimeline: 'pyrolens.toggleTimeline',
  filterResult: 'pyrolens.filterResult',
  zoomIn: 'pyrolens.zoomIn',
  zoomOut: 'pyrolens.zoomOut',
  zoomFit: 'pyrolens.zoomFit',
  stepBack: 'pyrolens.stepBack',
  showLeftHeavy: 'pyrolens.showLeftHeavy',
  showTimeOrder: 'pyrolens.showTimeOrder',
  showKeys: 'pyrolens.showKeys',
} as const;
export type CommandId = (typeof commands)[keyof typeof commands];

/** Commands that stand for a key of the result editor. */
export const resultKeys = {
  [commands.nextGap]: '.',
  [commands.previousGap]: ',',
  [commands.toggleTimeline]: 't',
  [commands.filterResult]: '/',
  [commands.zoomIn]: '+',
  [commands.zoomOut]: '-',
  [commands.zoomFit]: '0',
  [commands.stepBack]: 'Escape',
  [commands.showLeftHeavy]: '1',
  [commands.showTimeOrder]: '2',
  [commands.showKeys]: '?',
} as const;

/** Behind the status item; not in the palette. */
export const quickMenuCommand = 'pyrolens.quickMenu';

/** Answer the variables `${command:…}` of launch configurations; not in the palette. */
export const variableCommands = {
  pickModule: 'pyrolens.pickModule',
  pickArgs: 'pyrolens.pickArgs',
} as const;
export type VariableCommand = (typeof variableCommands)[keyof typeof variableCommands];

/** What the user chose last in a workspace, which is offered first. */
export const choiceKeys = {
  launchEntry: 'pyrolens.lastLaunchEntry',
  modules: 'pyrolens.lastModules',
  moduleNames: 'pyrolens.lastModuleNames',
  arguments: 'pyrolens.lastArguments',
} as const;

/** What a workspace remembers over a reload of its window. */
export const memoryKeys = {
  /** Path of the run whose numbers are shown. */
  activeRun: 'pyrolens.activeRun',
  /** Folder of the run that is being recorded. */
  recordingRun: 'pyrolens.recordingRun',
} as const;

/** What the editor remembers for all workspaces. */
export const globalMemoryKeys = {
  /** For how long the last process was attached to: seconds, or `untilStopped`. */
  attachDuration: 'pyrolens.attachDuration',
} as const;

export const contextKeys = {
  recording: 'pyrolens.recording',
  /** What is being recorded keeps its last seconds, and can be asked for them. */
  keepsLast: 'pyrolens.keepsLast',
  /** A run that is being recorded has a picture. */
  live: 'pyrolens.live',
  hasProfile: 'pyrolens.hasProfile',
  inlineHidden: 'pyrolens.inlineHidden',
  hasSelection: 'pyrolens.hasSelection',
} as const;

export const viewIds = {
  container: 'pyrolens',
  profiles: 'pyrolens.profiles',
  resultEditor: 'pyrolens.result',
  /** The same editor for names that other kinds of files have too: only «Reopen Editor With…» offers it. */
  optionalEditor: 'pyrolens.profile',
} as const;
export const walkthroughId = 'pyrolens.start';

/** Text kept with a run, shown read-only when the file itself is not on this machine. */
export const keptSourceScheme = 'pyrolens-source';

/** Doctor's report, shown read-only. */
export const doctorScheme = 'pyrolens-doctor';

export const colors = {
  heat1: 'pyrolens.heat1',
  heat2: 'pyrolens.heat2',
  heat3: 'pyrolens.heat3',
  heat4: 'pyrolens.heat4',
  heatText: 'pyrolens.heatText',
  hotText: 'pyrolens.hotText',
  wait: 'pyrolens.wait',
  waitText: 'pyrolens.waitText',
  staleText: 'pyrolens.staleText',
  hotSpan: 'pyrolens.hotSpan',
  rulerHot: 'pyrolens.rulerHot',
  rulerWarm: 'pyrolens.rulerWarm',
  rulerWait: 'pyrolens.rulerWait',
  frameOwn: 'pyrolens.frameOwn',
  framePackage: 'pyrolens.framePackage',
  frameStdlib: 'pyrolens.frameStdlib',
  frameNative: 'pyrolens.frameNative',
  frameRuntime: 'pyrolens.frameRuntime',
  frameText: 'pyrolens.frameText',
  gapRunning: 'pyrolens.gapRunning',
  gapScheduler: 'pyrolens.gapScheduler',
  gapInterpreter: 'pyrolens.gapInterpreter',
  gapSync: 'pyrolens.gapSync',
  gapIpc: 'pyrolens.gapIpc',
  gapIo: 'pyrolens.gapIo',
  gapChild: 'pyrolens.gapChild',
  gapTimer: 'pyrolens.gapTimer',
  gapMemory: 'pyrolens.gapMemory',
  gapAsync: 'pyrolens.gapAsync',
  gapUnknown: 'pyrolens.gapUnknown',
} as const;
