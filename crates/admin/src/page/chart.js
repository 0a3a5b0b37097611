// Charts of what came in: a column for each minute.

const SVG = document.querySelector("svg").namespaceURI;
const sum = numbers => numbers.reduce((total, number) => total + number, 0);

function drawn(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A round number that is not below the largest, so that the scale seldom changes.
function scale(largest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(largest, 1)));
  return [1, 2, 5, 10].map(step => step * power).find(top => top >= largest && top >= 1);
}

// The outline of columns that stand on those below, in a picture of this size.
function columns(counts, below, top, width, height) {
  const step = width / counts.length, gap = step / 6;
  return counts.map((number, index) => {
    if (!number) return "";
    const base = height - below[index] / top * height;
    const tall = Math.max(number / top * height, height / 60);
    return `M${(index * step + gap).toFixed(2)} ${base.toFixed(2)}v${(-tall).toFixed(2)}h${(step - 2 * gap).toFixed(2)}v${tall.toFixed(2)}z`;
  }).join("");
}

// The three parts of every minute: events for the first time, repeated ones, and dead letters.
function parts(intake) {
  const minutes = intake.repeated.length;
  const events = Array.from({ length: minutes }, (_, minute) => sum(Object.values(intake.events).map(counts => counts[minute])));
  return { first: events.map((number, minute) => number - intake.repeated[minute]), repeated: intake.repeated, dead: intake.dead_letters };
}

// Draws all of them; `begin` tells when a minute began.
function drawIntake(chart, { first, repeated, dead }, begin) {
  const minutes = first.map((_, index) => index);
  const all = minutes.map(index => first[index] + repeated[index] + dead[index]);
  const most = Math.max(...all), top = scale(most), none = minutes.map(() => 0);
  const seen = minutes.map(index => first[index] + repeated[index]);
  const layers = [["first", first, none], ["repeated", repeated, first], ["dead", dead, seen]];
  const words = index => `${clock(begin(index))}: ${count(first[index])} for the first time, ${count(repeated[index])} repeated, ${several(dead[index], "dead letter")}`;
  chart.querySelector("g").replaceChildren(
    ...layers.map(([name, counts, below]) => drawn("path", { class: name, d: columns(counts, below, top, 600, 120) })),
    ...minutes.map(index => drawn("rect", { x: index * 10, width: 10, height: 120 }, drawn("title", {}, words(index)))),
  );
  const peak = most ? `, at most ${count(most)} in one minute, at ${clock(begin(all.indexOf(most)))}` : "";
  chart.querySelector("title").textContent = `Webhooks in each minute of the last hour: ${count(sum(all))} in all${peak}.`;
  return top;
}

function spark(counts) {
  const made = document.getElementById("spark").content.firstElementChild.cloneNode(true);
  made.querySelector("path").setAttribute("d", columns(counts, counts.map(() => 0), Math.max(...counts, 1), 60, 20));
  return made;
}
