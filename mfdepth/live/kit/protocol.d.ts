// What a live figure is, to the kit.

/** The values of a figure's settings, by name: those that its Python class declares. */
export type Settings = any;
export type Size = { width: number; height: number };

/** The model of the anywidget front-end interface: traits, in step with Python where it runs. */
export interface Model {
  get(trait: string): any;
  set(trait: string, value: any): void;
  save_changes(): void;
  on(event: string, hear: (...args: any[]) => void): void;
  off(event?: string | null, hear?: ((...args: any[]) => void) | null): void;
  send(content: unknown): void;
}

export interface Figure {
  name: string;
  title: string;
  /** What the figure adds to the controls that Python declared, by name, and controls of its own, with get and set. */
  controls?: Record<string, AddedControl>;
  /** Buttons above the plots. */
  actions?: { action: string; label: string; run(handle: Handle): void }[];
  plots: Plot[];
  /** The call that gives the same numbers; keywords("d", "w2") is "d=10, w2=-0.1". */
  python(settings: Settings, keywords: (...names: string[]) => string): string;
  draw(settings: Settings): Drawn;
  /** Saves a picture that drawPlot did not draw, and returns true if it did. */
  savePicture?(handle: Handle): boolean;
  /** Something moves by itself, or under a hand. */
  moves?: boolean;
  /** What the figure plays. */
  player?: Player;
  /** What a hand holds in the plots decides on the message, so it stands below them. */
  held?: boolean;
  /** Starts what goes on beside the redraws, returns a function that ends it. */
  live?(handle: Handle): () => void;
}

export interface AddedControl {
  /** Where a slider stands, in words. */
  text?(value: number, settings: Settings): string;
  /** The plot to stand under. */
  beneath?: string;
  /** The last stop of its slider, where that depends on the others. */
  last?(settings: Settings): number;
  /** What a link may say, where a hand in the picture goes farther than the slider. */
  range?: number[];
  /** It changes no picture at once (speed, say). */
  still?: boolean;
  /** How a hidden setting stands in the address. */
  read?(text: string): any;
  write?(value: any): string;
  /** A control of the figure's own stands after that of this name; its value follows from the settings, and what it
   * sets are changes of them. */
  after?: string;
  label?: string;
  linear?: number[];
  get?(settings: Settings): number;
  set?(value: number, settings: Settings): Settings;
}

/** A setting as Python declares it (kit/settings.py), with what the figure adds. A slider has one of linear [from, to,
 * step], log [from, to, stops a decade] and stops; from one of these come its values. */
export interface Control extends AddedControl {
  name: string;
  whole?: boolean;
  log?: number[];
  stops?: number[];
  values?: number[];
  /** Only the stops themselves are allowed. */
  exact?: boolean;
  choices?: { value: any; label: string }[];
  toggle?: boolean;
  /** Behind the fold "More settings". */
  more?: boolean;
  /** No control: the figure itself changes it, and the address keeps it. */
  hidden?: boolean;
  /** At most so many pairs of numbers, each number within this of zero. */
  pairs?: { most: number; within: number };
}

/** In a legend; dash as in SVG. */
export type Key = { label: string; colour?: string; dash?: string; filled?: boolean; dot?: boolean };

export interface Plot {
  name: string;
  alt: string;
  caption: string;
  keys?: Key[];
  /** As wide as the figure, and low. */
  low?: boolean;
  /** Draws in place of drawPlot. It may return a promise that is fulfilled when the drawing is done, and leave the keys
   * of what it drew in node.keys. */
  show?(node: any, drawing: any, size: Size, colours: Colours, model: Model): void | Promise<void>;
}

export interface Drawn {
  message: string;
  readout: [label: string, text: string][];
  /** A Drawing a plot, or what its `show` takes. */
  plots: Record<string, any>;
}

/** A part of Plotly's own format. */
export type Drawing = { data: Trace[]; layout: Layout };

export type Line = { color?: string; width?: number; dash?: "solid" | "dash" | "dot" | "dashdot" };

export interface Trace {
  x: ArrayLike<number | null>;
  y: ArrayLike<number | null>;
  /** What the trace is called in saved data, and by tests. */
  meta?: string;
  name?: string;
  mode?: "lines" | "markers";
  yaxis?: string;
  opacity?: number;
  line?: Line;
  marker?: { color?: string; size?: number; opacity?: number; symbol?: "circle" | "x-thin"; line?: Line };
  fill?: "tozeroy";
  fillcolor?: string;
}

export interface Axis {
  title?: string;
  range?: number[];
  type?: "linear" | "log";
  domain?: number[];
  overlaying?: string;
  visible?: boolean;
  showgrid?: boolean;
  /** In place of round values. */
  marked?: { value: number; label: string }[];
}

export interface Layout {
  xaxis: Axis;
  [yaxis: `yaxis${string}`]: Axis;
  shapes?: { x0: number; x1: number; y0: number; y1: number; yref?: string; line?: Line }[];
  annotations?: { x: number; y: number; text: string; yref?: string; anchor?: string }[];
  margin?: Partial<Record<"l" | "r" | "t" | "b", number>>;
}

/** The page's own, for what cannot say "currentColor": canvases and saved pictures. */
export type Colours = { text: string; faint: string; ground: string; font: string; dark: boolean };

/** What is played, in its own time from 0 to last. */
export interface Run {
  last(): number;
  /** Up to where it is computed. */
  known(): number;
  /** No more can be computed. */
  over(): boolean;
  /** Places of the slider. */
  stops(): number;
  /** Of its time in a second. */
  speed(): number;
  /** Computes up to t; or asks for it, and it comes later. */
  more(t: number): void;
  /** No more is asked for. */
  rest(): void;
  /** The time of the moment that is shown at t, within what is computed. */
  moment(t: number): number;
  /** The moment after t, within what is computed. */
  next(t: number): number;
  /** Computes one step more, or asks for it. */
  step(): void;
}

export interface Player {
  run: Run;
  playing: boolean;
  /** The time shown. */
  time(): number;
  play(): void;
  pause(): void;
  seek(t: number): void;
  step(): void;
  restart(goesOn?: boolean): void;
  /** Some seconds pass; true if it plays. */
  pass(seconds: number): boolean;
}

/** What a figure's own parts may do. */
export interface Handle {
  root: HTMLElement;
  model: Model;
  settings(): Settings;
  change(values: Settings): void;
  /** Hears each change of a setting, until the function it returns is called. */
  whenChanged(hear: () => void): () => void;
  redraw(): void;
  plot(name: string): any;
  button(action: string): HTMLElement;
}

/** The input law: its partial moments [E[1; r <= R], E[r; r <= R], E[r^2; r <= R]], and the density of r up to 1. */
export interface Law {
  d: number;
  k: number;
  moments(r: number): number[];
  density(r: number): number;
}

/** What `Training` draws: a moment of a run. Slopes are those of F along the rays; ideal is the infinite-width course,
 * null until it is known. */
export interface Frame {
  t: number;
  fraction: number;
  slopes: number[];
  w2: number[];
  b2: number[];
  history: Course;
  ideal: (Course & { w2: number[]; b2: number[] }) | null;
  problem: string;
  /** All of the history where `history` ends at t, and whether t is marked in it. */
  whole?: Course;
  marked?: boolean;
}

/** What is kept of every moment of a run. */
export type Moment = Pick<Frame, "t" | "slopes" | "w2" | "b2"> & { saved: number };

export type Course = { t: number[]; loss: number[]; alpha: number[]; rho: number[] };
