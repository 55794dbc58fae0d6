// The script that shows what is wrong in a cell again, put together when somebody asks for it.

const heldScripts = JSON.parse(document.getElementById("scripts")?.textContent ?? '{"scripts": {}}');

function scriptButton(clause, cell) {
  const numbers = heldScripts.scripts[`${clause} ${cell}`];
  if (!numbers) return "";
  const text = () => numbers.map((at) => (at < 0 ? heldScripts.library : heldScripts.lines[at])).join("\n");
  const button = copyButton("Copy script", text);
  button.title = "A script of sh and curl that shows this again from nothing";
  return button;
}
