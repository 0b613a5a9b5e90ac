// The page's own watch over its calculation: nothing that a lost calculation left may look valid.
(() => {
  const { said } = JSON.parse(document.getElementById("gbf-words").textContent);
  const FIRST_BEAT = 120000; // [ms] loading may be slow
  const SILENCE = 15000; // [ms] five beats
  const banner = document.getElementById("gbf-banner");
  const start = document.getElementById("gbf-start");
  const reload = banner.querySelector("button");
  let last = Date.now();
  let beat = -1; // number of the last beat
  let missed = false; // a gap in the count: messages are missing as well, and what is shown may be wrong
  let over = "";

  const show = (words, button, press) => {
    banner.querySelector("p").textContent = words;
    reload.textContent = button;
    reload.onclick = press;
    banner.hidden = false;
  };
  const started = () => {
    start.hidden = true;
    document.body.classList.remove("gbf-starting");
  };
  const end = (reason) => {
    over = reason;
    document.body.classList.add("gbf-over");
    started();
    show(said[reason], said.reload, () => location.reload());
  };
  const resume = () => {
    over = "";
    document.body.classList.remove("gbf-over");
    banner.hidden = true;
  };

  document.addEventListener("gbf:beat", ({ detail }) => {
    missed ||= beat >= 0 && detail.number !== beat + 1;
    [beat, last] = [detail.number, Date.now()];
    started();
    if (missed && !over) end("lost");
    if (!missed && over === "lost") resume(); // a break of the line after which every message came
  });
  document.addEventListener("gbf:ended", () => end("ended"));
  document.addEventListener("gbf:fault", ({ detail }) => {
    if (!over) show(detail.said, said.close, () => { banner.hidden = true; });
  });
  setInterval(() => {
    if (!over && Date.now() - last > (beat < 0 ? FIRST_BEAT : SILENCE)) end("lost");
  }, 1000);

  // Voila calls these while it runs the notebook, and when all of it has been sent. Its own sign of life every ten
  // seconds comes even if the calculation never began, so it is believed for two minutes, or ten within a cell.
  const step = start.querySelector("span");
  let patience = 12;
  window.voila_process = (index, count) => {
    [last, patience] = [Date.now(), 60];
    step.textContent = said.step.replace("{index}", index).replace("{count}", count);
  };
  window.voila_heartbeat = () => {
    last = Date.now();
    patience -= 1;
    if (patience < 0 && !over) end("broken_off");
  };
  window.voila_finish = () => { step.textContent = said.connecting; };
  addEventListener("DOMContentLoaded", () => {
    if (!document.getElementById("gbf-whole")) end("broken_off");
  });

  // A file dropped beside its field would replace the page.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());

  // Closing the page ends its calculation. The token is the proof that the request comes from this page.
  addEventListener("pagehide", () => {
    const { kernelId, baseUrl } = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
    const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
    if (kernelId) navigator.sendBeacon(`${baseUrl}voila/api/shutdown/${kernelId}`, new URLSearchParams({ _xsrf: token }));
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
