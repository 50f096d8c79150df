/* 테마를 다듬습니다: 검색 입력, 접근성 이름, 인쇄. */
(() => {
  "use strict";
  // Material의 검색은 keyup만 듣습니다. 붙여 넣은 글과 조합 중인 한글로도 찾게 합니다.
  const input = document.querySelector(".md-search__input");
  input?.addEventListener("input", () => input.dispatchEvent(new Event("keyup")));

  const label = (article) => {
    for (const link of article.querySelectorAll("a.md-annotation__index:not([aria-label])")) {
      const number = link.querySelector("[data-md-annotation-id]")?.dataset.mdAnnotationId ?? "";
      link.setAttribute("aria-label", `코드 설명 ${number}`.trim());
    }
    [...article.querySelectorAll("nav.md-code__nav")].forEach((nav, at) => nav.setAttribute("aria-label", `코드 도구 ${at + 1}`));
  };

  // 넘치는 코드와 표는 키보드로도 밀어 볼 수 있어야 합니다. 테마는 표, 접힌 상자 안의 코드, 글꼴이 늦게 와서 넘친 코드를 놓칩니다.
  const reach = (wides) =>
    setTimeout(() => {
      for (const wide of wides) if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    });
  const WIDE = "pre > code, .md-typeset__scrollwrap";
  const sizes = new ResizeObserver((entries) => reach(entries.map(({ target }) => target)));
  document.fonts.addEventListener("loadingdone", () => reach(document.querySelectorAll(`article :is(${WIDE})`)));

  let observer;
  const scan = () => {
    observer?.disconnect();
    sizes.disconnect();
    const article = document.querySelector("article");
    if (!article) return;
    label(article);
    const watched = new Set();
    // 표는 테마가 나중에 감쌉니다.
    const watch = () => {
      for (const wide of article.querySelectorAll(WIDE)) {
        if (watched.has(wide)) continue;
        watched.add(wide);
        sizes.observe(wide);
      }
    };
    watch();
    observer = new MutationObserver(() => {
      label(article);
      watch();
    });
    observer.observe(article, { childList: true, subtree: true });
  };
  // document$는 Material이 만듭니다. 처음과, 페이지가 바뀔 때마다 값을 냅니다.
  if (window.document$) window.document$.subscribe(scan);
  else scan();

  // 접어 둔 답도 종이에서는 읽을 수 있어야 합니다.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("article details:not([open])")];
    folded.forEach((details) => (details.open = true));
  });
  window.addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)));
})();
