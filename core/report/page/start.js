// The first script of the page, and no module: it unpacks the modules, says where they are, and
// runs the page's own.

(async () => {
  const { nonce } = document.currentScript;
  const packed = atob(JSON.parse(document.getElementById("losslens-modules").textContent));
  const bytes = Uint8Array.from(packed, (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const texts = Object.entries(JSON.parse(await new Response(stream).text()));
  const address = (text) => `data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`;
  const imports = Object.fromEntries(texts.map(([name, text]) => [name, address(text)]));
  for (const [type, text] of [["importmap", JSON.stringify({ imports })], ["module", 'import "report.js";']]) {
    const script = Object.assign(document.createElement("script"), { type, nonce, textContent: text });
    document.head.append(script);
  }
})();
