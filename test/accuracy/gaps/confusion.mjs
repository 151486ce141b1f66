/**
 * Compares reported gaps with a program's own truth by the time in which both say something: which class was reported
 * while which was true, and whether line, holder and role were right where the class was.
 */
import { basename } from 'node:path';

/** Computing that got too little of a processor to be what its label says: nobody is judged by it. */
const unsettled = 'unsettled';
/** Nothing was reported, or nothing was there to be reported. */
export const nothing = 'none';

/** Times in nanoseconds of what was compared, added up over programs. */
export class Confusion {
  constructor() {
    /** Time by true class and reported class. */
    this.matrix = new Map();
    this.victim = { exactNs: 0, judgedNs: 0 };
    this.holder = { exactNs: 0, wrongNs: 0, judgedNs: 0 };
    /** The same where the holder was told as a fact. */
    this.knownHolder = { exactNs: 0, judgedNs: 0 };
    this.role = { exactNs: 0, judgedNs: 0 };
    /** By confidence: for how long a class was told with it, and for how long that was right. */
    this.calibration = new Map();
    this.unsettledNs = 0;
  }

  /**
   * Adds a program's run.
   * @param {object[]} truthRows as `truth_rows.py` writes them
   * @param {object[]} gaps as `readGaps.ts` reads them
   */
  add(truthRows, gaps) {
    for (const truth of truthRows) {
      if (truth.class === unsettled) this.unsettledNs += truth.endNs - truth.startNs;
      else for (const { ns, gap } of piecesOf(truth, gaps)) this.#addPiece(truth, gap, ns);
    }
  }

  #addPiece(truth, gap, ns) {
    const reported = gap?.classId ?? nothing;
    const row = this.matrix.get(truth.class) ?? new Map();
    this.matrix.set(truth.class, row.set(reported, (row.get(reported) ?? 0) + ns));
    if (gap === undefined) return;
    this.#addConfidence(gap, ns, reported === truth.class);
    if (reported !== truth.class) return;
    if (truth.victimLines.length > 0) {
      this.victim.judgedNs += ns;
      if (isAt(gap.victim, truth.file, truth.victimLines)) this.victim.exactNs += ns;
    }
    if (truth.role !== null) {
      this.role.judgedNs += ns;
      if (gap.role === truth.role) this.role.exactNs += ns;
    }
    if (truth.holderLines.length === 0) return;
    const isExact = isAt(gap.holder, truth.file, truth.holderLines);
    this.holder.judgedNs += ns;
    if (isExact) this.holder.exactNs += ns;
    else if (gap.holder !== null) this.holder.wrongNs += ns;
    if (!gap.isHolderKnown) return;
    this.knownHolder.judgedNs += ns;
    if (isExact) this.knownHolder.exactNs += ns;
  }

  #addConfidence({ confidence }, ns, isRight) {
    const sums = this.calibration.get(confidence) ?? { exactNs: 0, judgedNs: 0 };
    sums.judgedNs += ns;
    if (isRight) sums.exactNs += ns;
    this.calibration.set(confidence, sums);
  }

  /** Precision and recall of each true class, and for how long it was true. */
  classes() {
    return [...this.matrix.keys()].sort().map(id => {
      const trueNs = sum(this.matrix.get(id)?.values() ?? []);
      const reportedNs = sum([...this.matrix.values()].map(row => row.get(id) ?? 0));
      const bothNs = this.matrix.get(id)?.get(id) ?? 0;
      return { id, trueNs, recall: bothNs / trueNs, precision: reportedNs > 0 ? bothNs / reportedNs : NaN };
    });
  }

  /** The part of the reported time whose class was not unknown. */
  explained() {
    const rows = [...this.matrix.values()];
    const unknownNs = sum(rows.map(row => row.get('unknown.offcpu') ?? 0));
    const allNs = sum(rows.flatMap(row => [...row].flatMap(([id, ns]) => (id === nothing ? [] : [ns]))));
    return allNs > 0 ? 1 - unknownNs / allNs : NaN;
  }
}

/** A truth row cut where the reported gap changes. Of several gaps at a moment the shortest is the most exact one. */
function piecesOf(truth, gaps) {
  const { startNs, endNs } = truth;
  const beside = gaps.filter(gap => isSameLane(gap, truth) && gap.startNs < endNs && gap.endNs > startNs);
  const edges = beside.flatMap(gap => [gap.startNs, gap.endNs]).filter(ns => ns > startNs && ns < endNs);
  const cuts = [startNs, ...edges.sort((a, b) => a - b), endNs];
  return cuts.slice(1).flatMap((end, index) => {
    const start = cuts[index];
    const covering = beside.filter(gap => gap.startNs <= start && gap.endNs >= end);
    const [gap] = covering.sort((a, b) => a.endNs - a.startNs - (b.endNs - b.startNs));
    return end > start ? [{ ns: end - start, gap }] : [];
  });
}

function isSameLane(gap, { pid, tid, task }) {
  return gap.pid === pid && gap.task === task && (gap.tid === tid || gap.tid === 0);
}

/** Paths differ where an interpreter lives in another root. */
function isAt(place, file, lines) {
  return place !== null && basename(place.file) === basename(file) && lines.includes(place.line);
}

function sum(numbers) {
  return [...numbers].reduce((total, number) => total + number, 0);
}
