// The script that shows what is wrong in a cell again, put together when somebody asks for it.

function scriptButton(clause, cell) {
  const held = document.getElementById("scripts");
  const every = held && JSON.parse(held.textContent);
  const numbers = every?.scripts[`${clause.id} ${cell.dialect}-${cell.service}`];
  if (!numbers) return "";
  const text = () => numbers.map((at) => (at < 0 ? every.library : every.lines[at])).join("\n");
  const button = copyButton("Copy script", text);
  button.title = "A script of sh and curl that shows this again from nothing";
  return button;
}
