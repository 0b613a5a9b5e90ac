// A field to choose files. They are sent piece by piece, one piece after each request, so that no limit of the
// connection is met and a busy calculation holds the sender back. Words come from the calculation, in its language.
const SLOW = 20000; // [ms] without an answer before that is said

function part(kind, className, text = "") {
  const node = document.createElement(kind);
  node.className = className;
  node.textContent = text;
  return node;
}

const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function render({ model, el }) {
  const words = model.get("words");
  const input = document.createElement("input");
  input.type = "file";
  input.id = `gbf-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  input.className = "gbf-upload-input";
  const label = part("label", "gbf-upload-button");
  label.htmlFor = input.id;
  const drop = part("span", "gbf-upload-drop", words.drop);
  const formats = part("span", "gbf-upload-formats");
  formats.id = `${input.id}-formats`;
  input.setAttribute("aria-describedby", formats.id);
  const bar = part("progress", "gbf-upload-bar");
  bar.hidden = true;
  bar.max = 1;
  const cancel = part("button", "gbf-upload-cancel", words.cancel);
  cancel.type = "button";
  cancel.hidden = true;
  const status = part("p", "gbf-upload-status");
  status.setAttribute("role", "status");
  const zone = part("div", "gbf-upload");
  zone.append(input, label, drop, formats, bar, cancel, status);
  el.append(zone);

  const follow = () => {
    label.textContent = model.get("label");
    formats.textContent = model.get("formats");
    bar.setAttribute("aria-label", model.get("label"));
    input.multiple = model.get("multiple");
    input.disabled = model.get("disabled");
    zone.classList.toggle("gbf-disabled", input.disabled);
  };
  follow();
  for (const trait of ["label", "formats", "multiple", "disabled"]) model.on(`change:${trait}`, follow);

  let now = null; // the upload under way: its id, its files and how much of them is sent
  let timer = 0;
  const say = (text, failed = false) => {
    status.textContent = text;
    zone.classList.toggle("gbf-failed", failed);
  };
  const wait = (words) => {
    clearTimeout(timer);
    if (words) timer = setTimeout(() => say(words), SLOW);
  };
  const rest = () => {
    wait();
    now = null;
    bar.hidden = cancel.hidden = true;
    document.body.classList.remove("gbf-waiting");
  };

  const start = (files) => {
    if (!files.length || input.disabled) return;
    const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
    now = { id, files, total: files.reduce((sum, file) => sum + file.size, 0) };
    // From this moment what is shown belongs to another file; the calculation may be too busy to clear it.
    document.body.classList.add("gbf-waiting");
    bar.hidden = cancel.hidden = false;
    bar.removeAttribute("value");
    say(words.busy);
    wait(words.slow);
    model.send({ kind: "start", id, files: files.map(({ name, size }) => ({ name, size })) });
  };

  const pass = async ({ id, file, at, name }) => {
    const sent = now.files.slice(0, file).reduce((sum, one) => sum + one.size, at);
    bar.value = sent / now.total;
    say(filled(words.progress, { name, percent: Math.floor((100 * sent) / now.total) }));
    try {
      const piece = await now.files[file].slice(at, at + model.get("piece")).arrayBuffer();
      if (now?.id === id) model.send({ kind: "piece", id, at }, undefined, [piece]);
    } catch {
      if (now?.id === id) model.send({ kind: "unreadable", id });
    }
  };

  const hear = (message) => {
    if (message.id !== now?.id) return;
    wait(words.slow);
    document.body.classList.remove("gbf-waiting");
    if (message.kind === "go") {
      pass(message);
    } else {
      rest();
      say(message.said, message.kind === "failed");
    }
  };
  model.on("msg:custom", hear);

  input.addEventListener("change", () => {
    start([...input.files]);
    input.value = ""; // the same file, mended, can be chosen again
  });
  cancel.addEventListener("click", () => now && model.send({ kind: "cancel", id: now.id }));
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("gbf-hover", on && !input.disabled);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    start([...event.dataTransfer.files]);
  });
  return () => {
    clearTimeout(timer);
    model.off("msg:custom", hear);
  };
}

export default { render };
