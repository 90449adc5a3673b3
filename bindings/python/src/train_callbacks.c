/* What the fit loop calls: a loss, metrics, and what watches its events. Each runs on the thread that called fit,
   which gave up the interpreter lock. An exception stays set, and the fit, which stops, raises it. */
#include "talweg_python.h"

#include "train.h"

/* Calls a Python function with a batch's output and targets; NULL with an exception. */
static PyObject *call_with(State *state, PyObject *callable, tw_tensor *output, tw_tensor *target) {
    if (PyErr_Occurred()) return NULL;
    /* The objects own their handles from here on; the scope would release them under them. */
    PyObject *y = tensor_wrap(state, tw_keep(output));
    PyObject *t = y ? tensor_wrap(state, tw_keep(target)) : NULL;
    PyObject *result = t ? PyObject_CallFunctionObjArgs(callable, y, t, NULL) : NULL;
    Py_XDECREF(y);
    Py_XDECREF(t);
    return result;
}

int fit_loss(void *context, tw_scope *scope, tw_tensor *output, tw_tensor *target, tw_tensor **loss) {
    Fit *fit = context;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *result = call_with(fit->state, fit->loss, output, target);
    if (result && !is_tensor(fit->state, result)) {
        PyErr_Format(PyExc_TypeError, "the loss gave %R, not a Tensor", (PyObject *)Py_TYPE(result));
        Py_CLEAR(result);
    }
    *loss = result ? tensor_hand_over(scope, result) : NULL;
    Py_XDECREF(result);
    PyGILState_Release(lock);
    return *loss ? 0 : 1;
}

int fit_metric(void *context, tw_scope *scope, tw_tensor *output, tw_tensor *target, double *value) {
    (void)scope;
    Metric *metric = context;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *result = call_with(metric->state, metric->callable, output, target);
    *value = result ? PyFloat_AsDouble(result) : -1.0;
    Py_XDECREF(result);
    int failed = !result || PyErr_Occurred() != NULL;
    PyGILState_Release(lock);
    return failed;
}

int fit_epoch(void *context, const tw_epoch_progress *progress) {
    Fit *fit = context;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred())
        answer = PyObject_CallFunction(fit->callback, "LLddddd", (long long)progress->epoch,
                                       (long long)progress->epochs, progress->loss, progress->validation_loss,
                                       progress->accuracy, progress->validation_accuracy, progress->seconds);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

static PyObject *numbers_tuple(const double *values, int64_t count) {
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (int64_t i = 0; tuple && i < count; ++i) {
        PyObject *number = PyFloat_FromDouble(values[i]);
        if (!number || PyTuple_SetItem(tuple, (Py_ssize_t)i, number) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

int fit_event(void *context, const tw_fit_event *event) {
    Fit *fit = context;
    if (event->kind == TW_FIT_BATCH_END) {
        if (interrupted(&fit->last_look)) return 1;
        /* Watched by nothing but the progress bar, or by nothing at all. */
        if (!(fit->watched & 1u << TW_FIT_BATCH_END)) {
            if (fit->interval < 0 || event->seconds - fit->last_shown < fit->interval) return 0;
            fit->last_shown = event->seconds;
        }
    }
    if (!fit->on_event) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred()) {
        PyObject *metrics = numbers_tuple(event->metrics, event->metric_count);
        PyObject *held = metrics ? numbers_tuple(event->validation_metrics, event->validation_metric_count) : NULL;
        if (held)
            answer = PyObject_CallFunction(
                fit->on_event, "iLLLLLLdddddddLssOO", (int)event->kind, (long long)event->epoch,
                (long long)event->epochs, (long long)event->batch, (long long)event->batches, (long long)event->step,
                (long long)event->steps, event->loss, event->validation_loss, event->accuracy,
                event->validation_accuracy, event->learning_rate, event->seconds, event->steps_per_second,
                (long long)event->peak_bytes, event->path, event->message, metrics, held);
        Py_XDECREF(metrics);
        Py_XDECREF(held);
    }
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}
