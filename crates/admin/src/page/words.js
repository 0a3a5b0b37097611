// Numbers, times and states as people say them.

const count = number => (number ?? 0).toLocaleString("en");
const several = (number, one, more = `${one}s`) => `${count(number)} ${number === 1 ? one : more}`;
const clock = (time, seconds) => new Date(time).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: seconds && "2-digit" });

function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; number >= 1024 && unit < units.length - 1; unit++) number /= 1024;
  return `${number.toLocaleString("en", { maximumFractionDigits: number < 10 ? 1 : 0 })} ${units[unit]}`;
}

function duration(seconds) {
  seconds = Math.max(0, Math.round(seconds));
  const [number, unit] = seconds < 90 ? [seconds, "s"] : seconds < 5400 ? [seconds / 60, "min"] : seconds < 129600 ? [seconds / 3600, "h"] : [seconds / 86400, "days"];
  return `${Math.round(number)}\u00a0${unit}`;
}

const MOODS = {
  good: "M12 3a9 9 0 1 0 .01 0M8 12.3l2.8 2.8L16.2 9.6",
  warn: "M12 4 2.8 20h18.4zM12 10v4.6M12 17.2v.1",
  bad: "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM12 7.5V13M12 16.2v.1",
  wait: "M12 3a9 9 0 1 0 .01 0M12 7.5V12l3 2",
};

const STATES = {
  running: { mood: "good", label: "delivering" },
  retry: { mood: "warn", label: "retrying" },
  hold: { mood: "bad", label: "on hold" },
  connecting: { mood: "wait", label: "connecting" },
  stopped: { mood: "wait", label: "stopped" },
};
const stateOf = sink => STATES[sink.state] ?? { mood: "wait", label: String(sink.state) };

const REFUSALS = {
  "unknown-path": "no endpoint has its path",
  "method": "not a POST",
  "address": "address not allowed",
  "credential": "no credential, or a wrong one",
  "rate": "too many requests",
  "content-encoding": "compressed body",
  "transfer-encoding": "unknown transfer coding",
  "too-large": "body too large",
  "empty": "no body",
  "host": "no host, or several",
  "broken-body": "body ended early",
  "slow": "body came too slowly",
  "connections": "too many connections",
  "stopping": "kalends was stopping",
  "memory": "too many bodies at once",
  "journal-full": "the journal was full",
  "journal-busy": "the journal was busy",
  "journal-poisoned": "the disk had failed",
  "journal-closed": "the journal was closed",
  "append-timeout": "the disk was too slow",
  "unstorable": "larger than the journal takes",
};

function waiting(sink, now) {
  if (!sink.lag_events) return "";
  const oldest = sink.oldest_undelivered ? `, the oldest for ${duration((now - Date.parse(sink.oldest_undelivered)) / 1000)}` : "";
  return `${several(sink.lag_events, "webhook waits", "webhooks wait")}${oldest}.`;
}

// What a sink does, in a sentence or two.
function sentence(sink, now) {
  const behind = waiting(sink, now);
  switch (sink.state) {
    case "running": return behind ? `It delivers. ${behind}` : "Everything has been delivered.";
    case "retry": return `It can't deliver just now, and tries again by itself. ${behind || "Nothing waits for it."}`;
    case "hold": return `It waits for somebody to mend the cause, then goes on by itself. ${behind || "Nothing waits for it."}`;
    case "connecting": return `It is connecting. ${behind}`;
    default: return behind;
  }
}

const UNREADY = {
  "starting": ["wait", "Starting", "Webhooks are taken in a moment."],
  "stopping": ["wait", "Stopping", "Senders are told to come again; what is not delivered waits in the journal."],
  "the journal is full": ["bad", "The journal is full", "Webhooks are refused until a sink has taken some of what waits, or there is more room. Senders try again for a while, then give up."],
};

// How the daemon is, on the whole: a mood, a title, a text.
function verdict(status, now) {
  const sinks = status.sinks ?? [], are = state => sinks.filter(sink => sink.state === state);
  const names = some => some.map(sink => sink.name).join(", ");
  if (!status.ready) {
    const reason = status.not_ready_because ?? "";
    return UNREADY[reason] ?? ["bad", "No webhook is taken", `Because ${reason}. See the log.`];
  }
  if (status.scanner?.error) return ["bad", "Nothing is delivered", `${status.scanner.error}. Webhooks are still taken and kept.`];
  const kept = sinks.some(sink => sink.required) ? "Webhooks are still taken, and kept in the journal for it." : "Webhooks are still taken.";
  const [held, failing, connecting] = [are("hold"), are("retry"), are("connecting")];
  if (held.length) return ["bad", `On hold: ${names(held)}`, `Somebody has to act. ${kept}`, true];
  if (failing.length) return ["warn", `Retrying: ${names(failing)}`, `kalends goes on trying by itself. ${kept}`, true];
  if (connecting.length) return ["wait", `Connecting: ${names(connecting)}`, kept];
  const late = sinks.filter(sink => sink.lag_events && now - Date.parse(sink.oldest_undelivered) > 300000);
  if (late.length) return ["warn", `Behind: ${names(late)}`, "It delivers, and catches up by itself unless more comes in than it can take."];
  return ["good", "All is well", sinks.some(sink => sink.lag_events) ? "Webhooks are taken and delivered." : "Webhooks are taken, and all of them are delivered."];
}
