#include "thread.h"

_Thread_local void *tk_thread_word;
