/* 실습 도구는 이 파일 대신 isHere가 참인 것을 줍니다(lab/server.py). 그래서 정적 사이트는 없는 도구에 묻지 않습니다. */
(window.lab ??= {}).isHere = false;
