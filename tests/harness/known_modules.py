"""임포트된 모듈이 어느 파일인지를, 갈라져 나오는 자식들 대신 한 번에 찾아 둡니다.

coverage는 시작할 때마다 `inspect.stack()`을 부르고, 이 함수는 모든 모듈의 파일을 찾아 기억합니다.
"""

import inspect

inspect.stack()
