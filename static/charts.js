// Draws the charts that follow a run with uPlot, over the SVG that the server made of the same numbers.
// Colours, dashes and widths are those that the style sheet gives the SVG.

const KINDS = ["control", "treatment", "third", "fourth"];
const HIGHEST_LIFT = 5;
const LANGUAGE = document.documentElement.lang;
const THICKEST = 2.5; // the style sheet makes lines thicker where it makes the SVG smaller
const DAY_MS = 86_400_000;

const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat(LANGUAGE, {
  style: "percent",
  signDisplay: "exceptZero",
  maximumFractionDigits: 1,
});
const kindOf = (index) => KINDS[Math.min(index, KINDS.length - 1)];
const column = (points, read) => points.map((point) => read(point) ?? null);

// What each chart makes of its panel's value: times, lines of `label`, `kind` and `values` (and the `low` and `high`
// of a band), and how to say a value.
const READ = {
  lift: ({ series }) => ({
    times: column(series[0].points, (point) => point.at),
    lines: series.map(({ treatment, points }, index) => ({
      label: treatment,
      kind: kindOf(index + 1),
      values: column(points, (point) => point.lift),
      low: column(points, (point) => point.lift_interval?.low),
      high: column(points, (point) => point.lift_interval?.high),
    })),
    say: (value) => percent.format(value),
    range: rangeOfLift,
  }),
  exposures: ({ variants, moments }) => ({
    times: column(moments, (moment) => moment.at),
    lines: variants.map((label, index) => ({
      label,
      kind: kindOf(index),
      values: column(moments, (moment) => moment.counts[index]),
    })),
    say: (value) => whole.format(value),
  }),
  pace: ({ moments, width_ms }, [ended, failed]) => ({
    times: column(moments, (moment) => moment.at),
    lines: [
      { label: ended, kind: "treatment", values: column(moments, (moment) => moment.visits_per_s) },
      { label: failed, kind: "failed", values: column(moments, (moment) => (moment.n_failed * 1000) / width_ms) },
    ],
    say: (value) => `${short.format(value)}/s`,
  }),
  latency: ({ moments }, [median, high]) => ({
    times: column(moments, (moment) => moment.at),
    lines: [
      { label: median, kind: "control", values: column(moments, (moment) => moment.p50_ms) },
      { label: high, kind: "treatment", values: column(moments, (moment) => moment.p95_ms) },
    ],
    say: (value) => `${short.format(value)} ms`,
  }),
};

// The first bands are so wide that nothing else could be seen beside them: the widest quarter is cut off.
function rangeOfLift(lines) {
  const ends = lines.flatMap(({ low, high }) => low.map((end, i) => [end, high[i]]));
  const bands = ends.filter(([low]) => low !== null);
  bands.sort((one, other) => one[1] - one[0] - (other[1] - other[0]));
  const settled = bands.slice(0, Math.floor((bands.length * 3) / 4) + 1);
  // Before there is any band, all of a line is shown.
  const lifts = lines.flatMap(({ values }) => (bands.length ? values.slice(-1) : values));
  const shown = lifts.filter((value) => value !== null);
  const low = Math.max(-1, Math.min(0, ...shown, ...settled.map(([end]) => end)));
  const high = Math.min(HIGHEST_LIFT, Math.max(0.1, ...shown, ...settled.map(([, end]) => end)));
  return [Math.max(-1, low - 0.05 * (high - low)), high];
}

function rangeOfCounts(lines) {
  const counts = lines.flatMap(({ values }) => values.filter(Number.isFinite));
  return [0, 1.05 * Math.max(0, ...counts) || 1];
}

// The style that the style sheet gives to a mark of this class in the SVG.
function styleOf(svg, name) {
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
  mark.setAttribute("class", name);
  svg.append(mark);
  const { stroke, fill, strokeWidth, strokeDasharray, fillOpacity } = getComputedStyle(mark);
  mark.remove();
  const dash = strokeDasharray === "none" ? [] : strokeDasharray.split(/[ ,]+/).map(parseFloat);
  return { stroke, fill, width: parseFloat(strokeWidth), dash, fillOpacity: Number(fillOpacity) };
}

function translucent(color, share) {
  return `color-mix(in srgb, ${color} ${100 * share}%, transparent)`;
}

function timeText(times) {
  const span = times.at(-1) - times[0];
  const day = { month: "short", day: "numeric" };
  const hour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const second = { ...hour, second: "2-digit" };
  const format = (parts) => new Intl.DateTimeFormat(LANGUAGE, { ...parts, timeZone: "UTC" });
  const atCursor = format(span > DAY_MS ? { ...day, ...hour } : second);
  const onAxis = format(span > 2 * DAY_MS ? day : span > DAY_MS / 24 ? hour : second);
  // Where the axis names days, each is named once.
  const isNamed = (at) => span <= 2 * DAY_MS || at % DAY_MS === 0;
  return { atCursor: (at) => atCursor.format(at), onAxis: (at) => (isNamed(at) ? onAxis.format(at) : "") };
}

// What stands at the cursor, in words.
function readout(drawn) {
  const box = document.createElement("div");
  box.className = "readout";
  const show = (plot) => {
    const { idx, left } = plot.cursor;
    box.hidden = idx === null || idx === undefined;
    if (box.hidden) return;
    const said = ({ label, values, low, high }) => {
      if (values[idx] === null) return [];
      const band = low && low[idx] !== null ? ` (${drawn.now.say(low[idx])} … ${drawn.now.say(high[idx])})` : "";
      return [`${label} ${drawn.now.say(values[idx])}${band}`];
    };
    const lines = [timeText(drawn.now.times).atCursor(drawn.now.times[idx]), ...drawn.now.lines.flatMap(said)];
    const divOf = (text) => Object.assign(document.createElement("div"), { textContent: text });
    box.replaceChildren(...lines.map(divOf));
    box.classList.toggle("is-left", left > plot.over.clientWidth / 2);
  };
  return { hooks: { init: (plot) => plot.over.append(box), setCursor: show, setData: show } };
}

// A dashed line at zero, where the scale has values on both sides of it.
function zeroRule(svg) {
  const { stroke, dash } = styleOf(svg, "rule");
  const drawZero = (plot) => {
    if (plot.scales.y.min >= 0) return;
    const { left, width } = plot.bbox;
    const top = Math.round(plot.valToPos(0, "y", true)) + 0.5;
    plot.ctx.save();
    Object.assign(plot.ctx, { strokeStyle: stroke, lineWidth: devicePixelRatio });
    plot.ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
    plot.ctx.beginPath();
    plot.ctx.moveTo(left, top);
    plot.ctx.lineTo(left + width, top);
    plot.ctx.stroke();
    plot.ctx.restore();
  };
  return { hooks: { drawAxes: drawZero } };
}

function tableOf({ times, lines }) {
  return [times, ...lines.flatMap(({ values, low, high }) => (low ? [values, low, high] : [values]))];
}

function optionsOf(live, drawn) {
  const svg = live.parentElement.querySelector("svg");
  const [ink, grid] = [getComputedStyle(svg).color, styleOf(svg, "grid").stroke];
  const font = `12px ${getComputedStyle(live).fontFamily}`;
  const series = [{}];
  const bands = [];
  for (const line of drawn.now.lines) {
    const { stroke, width, dash } = styleOf(svg, `line ${line.kind}`);
    const points = { show: line.values.length < 2 };
    series.push({ label: line.label, stroke, width: Math.min(width, THICKEST), dash, points });
    if (!line.low) continue;
    const { fill, fillOpacity } = styleOf(svg, `band ${line.kind}`);
    const edge = { stroke: "transparent", width: 0, points: { show: false } };
    bands.push({ series: [series.length + 1, series.length], fill: translucent(fill, fillOpacity) });
    series.push({ ...edge }, { ...edge });
  }
  return {
    width: live.clientWidth,
    height: live.clientHeight,
    ms: 1,
    legend: { show: false },
    cursor: { drag: { setScale: false }, y: false, points: { size: 7 } },
    series,
    bands,
    tzDate: (at) => uPlot.tzDate(new Date(at), "Etc/UTC"),
    scales: { y: { range: () => (drawn.now.range ?? rangeOfCounts)(drawn.now.lines) } },
    axes: [
      {
        ...{ stroke: ink, font, size: 32, space: 80 },
        grid: { show: false },
        ticks: { stroke: grid, width: 1, size: 5 },
        values: (_, moments) => moments.map(timeText(drawn.now.times).onAxis),
      },
      {
        ...{ stroke: ink, font, size: 62 },
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        values: (_, values) => values.map(drawn.now.say),
      },
    ],
    plugins: [readout(drawn), zeroRule(svg)],
  };
}

const drawings = new Map(); // element -> its plot, what it shows, and who watches its size

function draw(live, value) {
  const now = READ[live.dataset.chart](value, JSON.parse(live.dataset.series));
  const before = drawings.get(live);
  if (before && before.drawn.now.lines.length === now.lines.length) {
    before.drawn.now = now;
    before.plot.setData(tableOf(now));
    return;
  }
  before?.plot.destroy();
  before?.watcher.disconnect();
  const drawn = { now };
  const plot = new uPlot(optionsOf(live, drawn), tableOf(now), live);
  const watcher = new ResizeObserver(() => plot.setSize({ width: live.clientWidth, height: live.clientHeight }));
  watcher.observe(live);
  live.classList.add("is-drawn");
  drawings.set(live, { plot, drawn, watcher });
}

async function renew(charts) {
  for (const source of new Set(charts.map((live) => live.dataset.source))) {
    try {
      const { value } = await (await fetch(source)).json();
      if (value) charts.filter((live) => live.dataset.source === source).forEach((live) => draw(live, value));
    } catch {
      // The SVG stays, or the chart as it was; the next round asks again.
    }
  }
}

const within = (element) => [...element.querySelectorAll("[data-chart]")];

document.body.addEventListener("htmx:load", ({ detail }) => renew(within(detail.elt)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const { plot, watcher } of drawings.values()) {
    plot.destroy();
    watcher.disconnect();
  }
  drawings.clear();
  renew(within(document));
});
