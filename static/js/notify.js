// Tells on the desktop, or by a sound, that a run needs action: only while no tab is in front, once a run over all tabs,
// and never with what the run asks. The browser is asked for its permission only when somebody switches it on.

const { say } = document.getElementById("words");
const KEPT = "notified";
const MOST = 200; // runs remembered
const LISTEN = 150; // milliseconds in which a tab in front may answer
const NOTES = [660, 880]; // hertz
const NOTE = 0.16; // seconds
const root = document.documentElement;
const sounds = root.dataset.sound === "on";
const front = root.dataset.notifications === "on" || sounds ? new BroadcastChannel("front") : null;
const seen = new Set();
let isInFront = false;
let isFirstLook = true;

const notifies = () => root.dataset.notifications === "on" && window.Notification?.permission === "granted";

front?.addEventListener("message", ({ data }) => {
  if (data === "who?" && !document.hidden) front.postMessage("me");
  if (data === "me") isInFront = true;
});

async function someoneLooks() {
  isInFront = false;
  front?.postMessage("who?");
  await new Promise((resolve) => setTimeout(resolve, LISTEN));
  return isInFront || !document.hidden;
}

// True once a run over all tabs.
function claim(key) {
  try {
    const told = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    if (told.includes(key)) return false;
    localStorage.setItem(KEPT, JSON.stringify([...told, key].slice(-MOST)));
  } catch {
    // Nothing is kept here: then once a tab.
  }
  return true;
}

function tell(run) {
  const minutes = run.expires_at && Math.ceil((Date.parse(run.expires_at) - Date.now()) / 60000);
  const waits = run.assistant ? say("waits-named", { assistant: run.assistant }) : say("waits");
  const left = minutes > 0 ? say("time-left", { number: minutes + 1 }) : "";
  const notice = new Notification(say("notice"), {
    body: `${waits} ${left}`.trim(),
    tag: `run-${run.key}`,
    icon: document.getElementById("favicon").dataset.waiting,
  });
  notice.addEventListener("click", () => {
    notice.close();
    window.focus();
    // What somebody was typing here stays.
    if ([...document.querySelectorAll("textarea")].some((field) => field.value.trim())) window.open(run.url);
    else location.assign(run.url);
  });
}

// Two notes, made here: no file is needed, and nothing to allow in the policy of the page.
async function play() {
  const audio = new AudioContext();
  try {
    await Promise.race([audio.resume(), new Promise((_, refuse) => setTimeout(refuse, 1000))]);
    const volume = new GainNode(audio, { gain: 0.12 });
    volume.connect(audio.destination);
    for (const [place, frequency] of NOTES.entries()) {
      const note = new OscillatorNode(audio, { frequency });
      note.connect(volume);
      note.start(audio.currentTime + place * NOTE);
      note.stop(audio.currentTime + (place + 1) * NOTE);
    }
    setTimeout(() => audio.close(), NOTES.length * NOTE * 1000 + 500);
  } catch {
    // Nobody has clicked in this page yet: browsers keep it silent.
    audio.close();
  }
}

async function look() {
  if (!(notifies() || sounds) || !document.hidden) return;
  try {
    const answer = await fetch("/queue/waiting/", { redirect: "error" });
    if (!answer.ok) return;
    const { runs, quiet } = await answer.json();
    const fresh = runs.filter((run) => !seen.has(run.key));
    fresh.forEach((run) => seen.add(run.key));
    // What waited already when the tab was left is no news, nor what somebody has before them.
    const isOld = isFirstLook || (fresh.length > 0 && (await someoneLooks()));
    isFirstLook = false;
    const mine = fresh.filter((run) => claim(run.key));
    if (isOld || quiet || !mine.length) return;
    if (sounds) play();
    if (notifies()) mine.forEach(tell);
  } catch {
    // No answer, or a browser that shows notifications only to installed pages: the next look tries again.
  }
}

document.addEventListener("visibilitychange", () => {
  isFirstLook = true;
  look();
});
// A hidden tab asks for the number of waiting runs now and then: see live.js.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "nav-count" && look());
look();

// ---- The page of settings

const choice = document.getElementById("id_notifications");
const beside = document.getElementById("notifications-said");

function write(text) {
  beside.hidden = !text;
  beside.textContent = text;
}

choice?.addEventListener("change", async () => {
  write("");
  if (!choice.checked) return;
  const answer = window.Notification ? await Notification.requestPermission() : "absent";
  if (answer === "granted") return;
  choice.checked = false;
  write(say(answer === "absent" ? "notices-absent" : "notices-refused"));
});
if (choice?.checked && window.Notification?.permission !== "granted") {
  write(say("notices-not-yet"));
}
