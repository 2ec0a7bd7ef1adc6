// A click on a number marks its cell on the picture of the page; a click on the picture finds the number.
"use strict";

const sheet = document.querySelector(".sheet");
const panel = document.getElementById("panel");
const numbers = [...document.querySelectorAll("a.fact")];
const boxOf = (element) => element.dataset.box.split(" ").map(Number);

function mark(box) {
  const rectangle = sheet.querySelector(".mark");
  const [x0, top, x1, bottom] = box;
  const sides = { x: x0, y: top, width: x1 - x0, height: bottom - top };
  for (const [side, value] of Object.entries(sides)) rectangle.setAttribute(side, value);
  const frame = sheet.querySelector(".frame");
  const seen = frame.getBoundingClientRect();
  const marked = rectangle.getBoundingClientRect();
  frame.scrollBy(
    (marked.left + marked.right - seen.left - seen.right) / 2,
    (marked.top + marked.bottom - seen.top - seen.bottom) / 2,
  );
}

async function choose(number, move) {
  numbers.forEach((other) => other.removeAttribute("aria-current"));
  number.setAttribute("aria-current", "true");
  mark(boxOf(number));
  history.replaceState(null, "", "#" + number.dataset.fact);
  const answer = await fetch(number.getAttribute("href") + "?panel=1&of=" + sheet.dataset.document);
  if (number.getAttribute("aria-current") !== "true") return; // another was chosen meanwhile
  panel.innerHTML = await answer.text(); // escaped by the server, and nothing inline runs here
  panel.dataset.fact = number.dataset.fact;
  panel.scrollTop = 0;
  document.getElementById("said").textContent = // the number and its status; the rest is there to be read
    [".big", ".verdict"].map((part) => panel.querySelector(part)?.textContent.replace(/\s+/g, " ").trim()).join(": ");
  if (move && matchMedia("(max-width: 60rem)").matches) sheet.scrollIntoView({ block: "start" });
}

async function measure() {
  const answer = await fetch(sheet.dataset.size);
  const said = await answer.json();
  if (!answer.ok) {
    sheet.querySelector(".frame").hidden = true;
    sheet.querySelector(".missing").hidden = false;
    sheet.querySelector(".missing span").textContent = said.detail || "";
    return;
  }
  const drawing = sheet.querySelector("svg");
  drawing.setAttribute("viewBox", `0 0 ${said.width} ${said.height}`);
  drawing.addEventListener("click", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    const found = numbers.find((number) => {
      const [x0, top, x1, bottom] = boxOf(number);
      return x0 <= point.x && point.x <= x1 && top <= point.y && point.y <= bottom;
    });
    if (!found) return;
    found.scrollIntoView({ block: "center", inline: "center" });
    found.focus({ preventScroll: true });
    choose(found, false);
  });
  if (sheet.dataset.box) mark(boxOf(sheet));
}

if (sheet) {
  measure();
  sheet.querySelector(".zoom").addEventListener("click", (event) => {
    const zoomed = sheet.querySelector(".paper").classList.toggle("zoomed");
    event.currentTarget.setAttribute("aria-pressed", String(zoomed));
    const chosen = document.querySelector("a.fact[aria-current]");
    if (chosen) mark(boxOf(chosen));
  });
}
for (const number of numbers) {
  number.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(number, true);
  });
}
const named = numbers.find((number) => "#" + number.dataset.fact === location.hash);
if (named) {
  named.scrollIntoView({ block: "center", inline: "center" });
  choose(named, false);
}
