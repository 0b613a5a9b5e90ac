// Carries the heartbeat from the calculation to the page and the visitor's presence back; it shows nothing itself.
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`gbf:${name}`, { detail }));

function initialize({ model }) {
  let touched = Date.now();
  const touch = () => { touched = Date.now(); };
  const signs = ["pointerdown", "keydown", "wheel", "scroll", "input"];
  for (const sign of signs) document.addEventListener(sign, touch, { capture: true, passive: true });
  const present = () => model.send({ idle: (Date.now() - touched) / 1000 });
  const timer = setInterval(present, 10000);
  present();
  model.on("msg:custom", (message) => tell(message.kind, message));
  return () => {
    clearInterval(timer);
    for (const sign of signs) document.removeEventListener(sign, touch, { capture: true });
  };
}

export default { initialize };
