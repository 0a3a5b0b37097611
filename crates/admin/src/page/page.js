// Asks for the status again and again, and shows it. What a status lacks is not shown.

const EVERY_MS = 3000;
const FETCH_TIMEOUT_MS = 10000;
const at = id => document.getElementById(id);

// Writes only what has changed: a reader's selection and a screen reader's place stay.
function say(id, text) {
  const target = typeof id === "string" ? at(id) : id;
  if (target.textContent !== text) target.textContent = text;
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Fills a place anew only when what it shows has changed.
const shown = new Map();
function fill(id, data, make) {
  const text = JSON.stringify(data);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  (typeof id === "string" ? at(id) : id).replaceChildren(...make());
}

const head = text => element("th", { scope: "row" }, text);
const number = text => element("td", { class: "number" }, text);
const rows = table => at(table).querySelector("tbody");
const pairs = entries => entries.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]);

// A name may be broken where a word in it begins.
const broken = name => name.split(/(?<=[a-z])(?=[A-Z])/).flatMap((word, index) => index ? [element("wbr", {}), word] : [word]);

const ago = (time, now) => `${duration((now - Date.parse(time)) / 1000)} ago`;

function showVerdict([mood, title, text, has_cause]) {
  at("verdict-cause").hidden = !has_cause;
  at("verdict").dataset.mood = mood;
  at("verdict-icon").setAttribute("d", MOODS[mood]);
  say("verdict-title", title);
  say("verdict-text", text);
  document.title = mood === "good" ? "kalends" : `${title} – kalends`;
}

function showIntake(intake) {
  const three = parts(intake), newest = Date.parse(intake.newest_minute), minutes = three.first.length;
  const begin = index => newest - (minutes - 1 - index) * 60000;
  const [first, repeated, dead] = [three.first, three.repeated, three.dead].map(sum);
  const all = first + repeated + dead;
  say("intake-total", count(all));
  say("intake-words", `${all === 1 ? "webhook" : "webhooks"} in the last hour`);
  at("intake").hidden = !all;
  for (const [key, total] of Object.entries({ first, repeated, dead })) say(`legend-${key}`, count(total));
  for (const [id, index] of [["axis-first", 0], ["axis-middle", minutes / 2], ["axis-last", minutes - 1]]) say(id, clock(begin(index)));
  fill("chart", [three, newest], () => {
    say("chart-most", `${count(drawIntake(at("chart"), three, begin))} a minute`);
    return at("chart").children;
  });
  const types = Object.entries(intake.events).map(([type, counts]) => [type, counts, sum(counts)]).sort((a, b) => b[2] - a[2]);
  at("types").hidden = !types.length;
  at("types-none").hidden = all > 0;
  fill(rows("types"), types, () => types.map(([type, counts, total]) =>
    element("tr", {}, head(element("span", {}, ...broken(type))), element("td", {}, spark(counts)), element("td", { class: "number most-column" }, count(Math.max(...counts))), number(count(total)))));
  const busy = [...three.first.keys()].filter(index => three.first[index] + three.repeated[index] + three.dead[index]).reverse();
  at("minutes").hidden = !busy.length;
  fill(rows("minutes"), [three, newest], () => busy.map(index =>
    element("tr", {}, head(clock(begin(index))), ...[three.first, three.repeated, three.dead].map(counts => number(count(counts[index]))))));
}

function showRequests(requests, now) {
  say("intake-last", requests.last_accepted_at ? `the last one ${ago(requests.last_accepted_at, now)}` : "none since the start");
  const refused = Object.entries(requests.refused ?? {}).sort((a, b) => b[1] - a[1]);
  at("refused").hidden = !refused.length;
  at("refused-none").hidden = refused.length > 0;
  fill(rows("refused"), refused, () => refused.map(([reason, times]) => element("tr", {}, head(REFUSALS[reason] ?? reason), number(count(times)))));
}

// A sink keeps its place in the page as long as there is one of its name.
function place(name) {
  const known = [...at("sinks").children].find(item => item.dataset.name === name);
  if (known) return known;
  const made = at("sink").content.firstElementChild.cloneNode(true);
  made.dataset.name = name;
  return made;
}

function showSink(sink, now) {
  const item = place(sink.name), state = stateOf(sink), part = path => item.querySelector(path);
  item.dataset.mood = state.mood;
  fill(part("h3"), [sink.name, sink.kind], () => sink.kind && sink.kind !== sink.name ? [sink.name, element("small", {}, sink.kind)] : [sink.name]);
  part(".state path").setAttribute("d", MOODS[state.mood]);
  say(part(".state span"), state.label);
  say(part(".words"), sentence(sink, now));
  const entries = [
    ["Webhooks behind", count(sink.lag_events)],
    ["At position", count(sink.position)],
    ["In this state for", duration((now - Date.parse(sink.since)) / 1000)],
    ["Guarantee", sink.guarantee || ""],
    ["Required", sink.required ? "yes" : "no, may lose events"],
  ];
  if (sink.stuck_at) entries.push(["Stuck at position", count(sink.stuck_at)]);
  if (sink.skip_at) entries.push(["An order waits, to skip position", count(sink.skip_at)]);
  if (sink.seek_to) entries.push(["A seek waits, to position", count(sink.seek_to)]);
  fill(part("dl"), entries, () => pairs(entries));
  part(".error").hidden = !sink.last_error;
  if (!sink.last_error) return item;
  say(part(".when"), `${sink.state === "running" ? "Last error, over by now" : "Last error"}, ${ago(sink.last_error_at, now)}`);
  say(part(".said"), sink.last_error);
  return item;
}

function showSinks(sinks, now) {
  at("sinks-none").hidden = sinks.length > 0;
  const items = sinks.map(sink => showSink(sink, now)), list = at("sinks");
  if (items.length !== list.children.length || items.some((item, index) => item !== list.children[index])) list.replaceChildren(...items);
}

function letter(entry, now) {
  const from = entry.sink ? `refused by ${entry.sink}, from endpoint ${entry.endpoint}` : `from endpoint ${entry.endpoint}`;
  return element("li", {},
    element("p", { class: "reason" }, entry.reason),
    element("p", { class: "quiet" }, element("time", { datetime: entry.received_at, title: entry.received_at }, ago(entry.received_at, now))),
    element("p", {}, entry.message),
    element("p", { class: "quiet" }, `position ${entry.position}, ${from}`));
}

function showLetters(letters, now) {
  at("letters-none").hidden = letters.length > 0;
  at("letters-hint").hidden = at("letters-note").hidden = !letters.length;
  if (letters.length) say("letters-command", `kalends journal cat --at ${letters[0].position}`);
  fill("letters", letters.map(entry => [entry, ago(entry.received_at, now)]), () => letters.map(entry => letter(entry, now)));
}

function showJournal(journal) {
  const taken = Math.min(1, Math.max(0, 1 - journal.room_bytes / journal.max_bytes)), full = journal.full_in_seconds;
  say("journal-state", journal.state);
  say("journal-room", bytes(journal.room_bytes));
  say("journal-words", `of room left, of ${bytes(journal.max_bytes)}`);
  at("journal-meter").value = taken;
  say("journal-meter", `${Math.round(taken * 100)} % taken`);
  say("journal-trend", full === null ? "It is not filling up." : full === 0 ? "It is full." : `At this rate it is full in ${duration(full)}.`);
  const kept = journal.last_position < journal.first_position ? "nothing yet" : `${count(journal.first_position)} to ${count(journal.last_position)}`;
  const entries = [
    ["Positions kept", kept],
    ["On disk", `${bytes(journal.bytes)}, ${several(journal.segments, "file")}`],
    ["Dropped early", count(journal.evicted_events)],
  ];
  fill("journal", entries, () => pairs(entries));
  say("journal-id", journal.id);
}

function show(status, now) {
  at("told").hidden = false;
  showVerdict(verdict(status, now));
  say("daemon", `${status.version}, up ${duration((now - Date.parse(status.started_at)) / 1000)}, webhooks at ${status.public_address}`);
  if (status.intake) showIntake(status.intake);
  if (status.requests) showRequests(status.requests, now);
  showSinks(status.sinks ?? [], now);
  showLetters(status.dead_letters ?? [], now);
  if (status.journal) showJournal(status.journal);
}

let last = null, waits = null;

async function refresh() {
  clearTimeout(waits);
  try {
    const answer = await fetch("status", { cache: "no-store", signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    // The daemon's clock, not the reader's.
    last = Date.parse(answer.headers.get("date")) || Date.now();
    show(await answer.json(), last);
    document.body.classList.remove("old");
    say("fresh", `as of ${clock(last, true)}`);
  } catch (error) {
    document.body.classList.add("old");
    showVerdict(["bad", "No answer", error.name === "Error" ? `${error.message}.` : "The daemon does not answer. Is it running?"]);
    say("fresh", last ? `what stands below is of ${clock(last, true)}` : "");
  }
  if (at("pause").ariaPressed !== "true") waits = setTimeout(refresh, EVERY_MS);
}

at("pause").addEventListener("click", () => {
  const paused = at("pause").ariaPressed !== "true";
  at("pause").ariaPressed = String(paused);
  if (paused) {
    clearTimeout(waits);
    say("fresh", last ? `halted at ${clock(last, true)}` : "halted");
  } else refresh();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(waits);
  else if (at("pause").ariaPressed !== "true") refresh();
});

refresh();
