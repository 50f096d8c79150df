"""사이트를 빌드할 때 mkdocs가 부르는 훅입니다. mkdocs.yml의 `hooks:`에 적힌 모듈이 시작점입니다."""
