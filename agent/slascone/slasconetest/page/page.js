// The page works without this script, by sending its forms. With it, it stays
// where it is and follows what happens: the server sends each part that changed,
// and only what differs is touched, so that a click, the focus and what is being
// typed are never lost.
"use strict";

const message = document.getElementById("message");

// become changes an element to be like another one.
function become(now, next) {
  for (const { name } of Array.from(now.attributes)) {
    if (!next.hasAttribute(name) && name !== "open") now.removeAttribute(name);
  }
  for (const { name, value } of Array.from(next.attributes)) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
  const children = Array.from(next.childNodes);
  children.forEach((child, i) => {
    const old = now.childNodes[i];
    if (!old) now.append(child);
    else if (old.nodeName !== child.nodeName || old.id !== child.id) old.replaceWith(child);
    else if (child.nodeType === Node.ELEMENT_NODE) become(old, child);
    else if (old.data !== child.data) old.data = child.data;
  });
  while (now.childNodes.length > children.length) now.lastChild.remove();
}

function show(name, html) {
  const part = document.getElementById(name);
  const next = part.cloneNode(false);
  next.innerHTML = html;
  const focused = document.activeElement.id;
  become(part, next);
  // A button that was pressed may have become its opposite.
  if (focused && document.activeElement === document.body) {
    (document.getElementById(focused) ?? document.getElementById(opposite(focused)))?.focus({ preventScroll: true });
  }
}

function opposite(id) {
  for (const [a, b] of [["expire-", "renew-"], ["disable-", "enable-"], ["suspend-", "resume-"], ["outage-on", "outage-off"]]) {
    if (id.startsWith(a)) return b + id.slice(a.length);
    if (id.startsWith(b)) return a + id.slice(b.length);
  }
  return "";
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  message.textContent = "";
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form, event.submitter)),
    });
    if (!answer.ok) {
      message.textContent = (await answer.json()).error;
      return;
    }
    const chosen = Array.from(form.querySelectorAll("select"), (field) => [field, field.value]);
    form.reset(); // and show what the server has from now on
    for (const [field, value] of chosen) field.value = value;
  } catch {
    message.textContent = "The server does not answer; is it still running?";
  }
});

const live = new EventSource("/emulator/events");
live.addEventListener("part", (event) => {
  const part = JSON.parse(event.data);
  show(part.name, part.html);
  notLive(false);
});
live.onopen = () => notLive(false);
live.onerror = () => notLive(true);

function notLive(is) {
  document.getElementById("live").hidden = !is;
}
