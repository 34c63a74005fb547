// Time left and time past, by the server's clock. Only transitions are announced, never ticks.

const { say } = document.getElementById("words");
const NEAR = 180;
const SOON = 60;
const LAPSED = 30000; // milliseconds
const offsets = new WeakMap();
const looked = new WeakMap();
let offset = Date.parse(document.body.dataset.now) - Date.now() || 0;

const urgencyOf = (left) => (left <= 0 ? "over" : left <= SOON ? "soon" : left <= NEAR ? "near" : "calm");
const HEARD = { near: "time-near", soon: "time-soon", over: "time-over" };
const UNITS = [[86400, "days-ago"], [3600, "hours-ago"], [60, "minutes-ago"], [1, "seconds-ago"]];

// Whole seconds as 1m 04s: the same words as the server's.
function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const two = (number) => String(number).padStart(2, "0");
  if (hours) return say("hours-left", { hours, minutes: two(minutes) });
  return minutes ? say("minutes-left", { minutes, seconds: two(whole % 60) }) : say("seconds-left", { seconds: whole });
}

function ago(seconds) {
  const unit = UNITS.find(([size]) => seconds >= size);
  return unit ? say(unit[1], { number: Math.floor(seconds / unit[0]) }) : say("just-now");
}

// A countdown brings the server's time with it; it counts from the moment in which it came.
function serverTime(element) {
  const known = offsets.get(element);
  if (known?.now !== element.dataset.now) {
    const fresh = Date.parse(element.dataset.now) - Date.now();
    if (!Number.isNaN(fresh)) offset = fresh;
    offsets.set(element, { now: element.dataset.now });
  }
  return Date.now() + offset;
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function countDown() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = (Date.parse(element.dateTime) - serverTime(element)) / 1000;
    write(element, left > 0 ? duration(left) : say("expired"));
    const urgency = urgencyOf(left);
    if (element.classList.contains(`countdown-${urgency}`)) continue;
    element.className = `countdown countdown-${urgency}`;
    if (element.closest("[data-announces]") && HEARD[urgency]) {
      document.dispatchEvent(new CustomEvent("announce", { detail: say(HEARD[urgency]) }));
    }
  }
  shorten();
}

// The same as a bar that gets shorter. Countdowns beside it have told the server's time.
function shorten() {
  for (const bar of document.querySelectorAll(".time-bar")) {
    bar.value = Math.max(0, (Date.parse(bar.dataset.until) - Date.now() - offset) / 1000);
  }
}

function countUp() {
  const now = Date.now() + offset;
  for (const element of document.querySelectorAll("[data-ago]")) {
    write(element, ago((now - Date.parse(element.dateTime)) / 1000));
  }
}

// What holds only until a moment, unless its holder is heard of again, is looked at anew then and now and then after it.
function lapse() {
  const now = Date.now() + offset;
  for (const element of document.querySelectorAll("[data-lapses]")) {
    if (Date.parse(element.dataset.lapses) > now || now - (looked.get(element) ?? 0) < LAPSED) continue;
    looked.set(element, now);
    htmx.trigger(element.closest("[data-topics][id]"), "changed");
  }
}

setInterval(() => document.hidden || countDown(), 1000);
setInterval(() => document.hidden || countUp(), 10000);
setInterval(() => document.hidden || lapse(), 2000);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  countDown();
  countUp();
});
// What came just now brings the server's time: it must be read at once.
document.body.addEventListener("htmx:afterSwap", countDown);
countDown();
