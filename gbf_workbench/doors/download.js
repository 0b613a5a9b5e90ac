// A button that asks the calculation for a file, collects its pieces and hands it to the browser to save.
function render({ model, el }) {
  const words = model.get("words");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "gbf-download";
  const status = document.createElement("span");
  status.className = "gbf-download-status";
  status.setAttribute("role", "status");
  const box = document.createElement("div");
  box.className = "gbf-download-box";
  box.append(button, status);
  el.append(box);

  const follow = () => {
    button.textContent = model.get("label");
    button.disabled = model.get("disabled");
  };
  follow();
  for (const trait of ["label", "disabled"]) model.on(`change:${trait}`, follow);

  let now = null; // the file under way
  const say = (text, failed = false) => {
    status.textContent = text;
    status.classList.toggle("gbf-failed", failed);
  };

  const save = ({ file, pieces, said }) => {
    const content = new Blob(pieces, { type: file.type });
    if (content.size !== file.size) {
      say(words.incomplete, true);
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(said);
  };

  const hear = (message, buffers) => {
    if (message.id !== now?.id) return;
    if (message.kind === "failed") {
      now = null;
      say(message.said, true);
      return;
    }
    if (message.kind === "have") Object.assign(now, message, { pieces: [], at: 0 });
    if (message.kind === "piece") {
      now.pieces.push(buffers[0]);
      now.at += buffers[0].byteLength;
    }
    if (now.at < now.file.size && (message.kind === "have" || buffers[0].byteLength)) {
      model.send({ kind: "next", id: now.id, at: now.at });
    } else {
      const whole = now;
      now = null;
      save(whole);
    }
  };
  model.on("msg:custom", hear);

  button.addEventListener("click", () => {
    now = { id: crypto.getRandomValues(new Uint32Array(4)).join("-") };
    say(words.preparing.replace("{label}", model.get("label")));
    model.send({ kind: "want", id: now.id });
  });
  return () => model.off("msg:custom", hear);
}

export default { render };
