/* The engine's status as a Python exception with the engine's message. */
#include "talweg_python.h"

#include <time.h>

static PyObject *exception_of(State *state, tw_status status) {
    switch (status) {
    case TW_ERROR_INVALID_ARGUMENT:
    case TW_ERROR_NULL:
    case TW_ERROR_INVALID_HANDLE:
    case TW_ERROR_SHAPE:
    case TW_ERROR_FORMAT: return PyExc_ValueError;
    case TW_ERROR_DTYPE: return PyExc_TypeError;
    case TW_ERROR_INDEX: return PyExc_IndexError;
    case TW_ERROR_OUT_OF_MEMORY: return PyExc_MemoryError;
    case TW_ERROR_IO: return PyExc_OSError;
    default: return state->error;
    }
}

/* Raises the thread's last error of the engine. An exception that a callback
   has raised meanwhile is the cause, and stands. */
PyObject *raise_last(State *state) {
    if (PyErr_Occurred()) return NULL;
    tw_status status = tw_last_status();
    PyObject *type = exception_of(state, status);
    PyObject *instance = PyObject_CallFunction(type, "s", tw_last_message());
    if (!instance) return NULL;
    if (type == state->error) {
        PyObject *name = PyUnicode_FromString(tw_status_name(status));
        if (!name || PyObject_SetAttrString(instance, "status", name) < 0) {
            Py_XDECREF(name);
            Py_DECREF(instance);
            return NULL;
        }
        Py_DECREF(name);
    }
    PyErr_SetObject(type, instance);
    Py_DECREF(instance);
    return NULL;
}

/* Also fails where the call succeeded but a callback left an exception. */
int check(State *state, tw_status status) {
    if (status != TW_OK) raise_last(state);
    return PyErr_Occurred() ? -1 : 0;
}

bool interrupted(double *last) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    if (seconds - *last < 0.05) return false;
    *last = seconds;
    PyGILState_STATE lock = PyGILState_Ensure();
    bool stop = PyErr_Occurred() || PyErr_CheckSignals() < 0;
    PyGILState_Release(lock);
    return stop;
}
