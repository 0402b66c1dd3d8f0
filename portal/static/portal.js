// Makes the pages handier where scripts run. Every form works without it.
"use strict";

// A password can be looked at, and a new one says how long it still has to be.
for (const field of document.querySelectorAll(".password")) {
  const input = field.querySelector("input");
  const words = field.dataset;
  const reveal = document.createElement("button");
  reveal.type = "button";
  reveal.className = "reveal";
  reveal.setAttribute("aria-controls", input.id);
  const show = (plain) => {
    input.type = plain ? "text" : "password";
    reveal.textContent = plain ? words.hide : words.show;
    reveal.setAttribute("aria-label", `${reveal.textContent}: ${field.querySelector("label").textContent}`);
  };
  reveal.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  // What is sent is a password again, so that browsers offer to keep it and never suggest it.
  input.form.addEventListener("submit", () => show(false));
  show(false);
  input.after(reveal);

  if (!words.more) continue;
  const length = document.createElement("p");
  length.className = "length";
  // Told to everybody who listens, but only when the typing rests.
  length.setAttribute("role", "status");
  field.append(length);
  let resting;
  input.addEventListener("input", () => {
    clearTimeout(resting);
    const missing = input.minLength - [...input.value].length;
    const enough = missing <= 0;
    const text = enough ? words.enough : missing === 1 ? words.last : words.more.replace("{count}", missing);
    const tell = () => {
      length.textContent = input.value ? text : "";
      length.classList.toggle("enough", enough && input.value !== "");
    };
    resting = setTimeout(tell, 250);
  });
}

// A second click sends nothing again. After "back" the form can be sent once more.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelector("button:not([type=button])").setAttribute("aria-disabled", "true");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});

// The menu closes by Escape, by a click elsewhere, and when the keyboard has left it.
const menu = document.querySelector(".menu");
if (menu) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  for (const kind of ["click", "focusin"]) {
    document.addEventListener(kind, (event) => {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    });
  }
}

// Where something is wrong, that is where to begin.
document.querySelector("[role=alert]")?.focus();
