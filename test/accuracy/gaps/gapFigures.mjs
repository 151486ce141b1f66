/** Figures with their goals out of what was compared. */

/** Classes whose evidence is the CPU and the scheduler, not a wait at a line: their goal is lower. */
const lessCertain = /rt\.gil|sched\.|run\.|loop\.busy/;
const goals = { blocked: 0.95, lessCertain: 0.85, victim: 0.95, holder: 0.9, role: 0.95, explained: 0.95 };

/** All figures of an interpreter. */
export function figuresOf({ python, confusion, culprits, failed, slopes }) {
  const { victim, holder, role } = confusion;
  const share = (id, value, goal) => shareFigure(`${id} on ${python}`, value, goal);
  const classes = confusion.classes().flatMap(({ id, recall, precision }) => {
    if (id === 'none') return [];
    const goal = lessCertain.test(id) ? goals.lessCertain : goals.blocked;
    return [share(`recall ${id}`, recall, goal), share(`precision ${id}`, precision, goal)];
  });
  return [
    ...classes,
    share('victim line', victim.exactNs / victim.judgedNs, goals.victim),
    share('holder line', holder.exactNs / holder.judgedNs, goals.holder),
    share('role', role.exactNs / role.judgedNs, goals.role),
    share('explained', confusion.explained(), goals.explained),
    countFigure(`culprits in controls on ${python}`, culprits.length),
    countFigure(`programs that failed on ${python}`, failed.length),
    ...slopes,
  ];
}

function shareFigure(id, value, goal) {
  const rounded = Number.isNaN(value) ? null : Math.round(value * 1000) / 1000;
  return { id, value: rounded, unit: 'share', goal, ok: rounded !== null && rounded >= goal };
}

function countFigure(id, value) {
  return { id, value, unit: 'count', goal: 0, ok: value === 0 };
}

/** The figures of an interpreter as lines for a terminal. */
export function printed(result) {
  const lines = figuresOf(result).map(
    ({ id, value, goal, ok }) =>
      `${ok ? '✓' : '✗'} ${id.padEnd(52)} ${value ?? '–'}  goal ${Array.isArray(goal) ? goal.join('–') : goal}`,
  );
  const blamed = result.culprits.map(
    ({ name, classId, line, ns }) => `  innocent: ${name} line ${line} ${classId} ${Math.round(ns / 1e6)} ms`,
  );
  return [...lines, ...blamed].join('\n');
}
