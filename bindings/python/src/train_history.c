/* A history as Python lists. */
#include "talweg_python.h"

#include "train.h"

/* A list of `count` numbers, each had from the history by a function. */
static PyObject *list_of(State *state, int64_t count, tw_status (*value)(const void *, int64_t, double *),
                         const void *context) {
    PyObject *list = PyList_New(0);
    for (int64_t i = 0; list && i < count; ++i) {
        double number;
        PyObject *object = NULL;
        if (check(state, value(context, i, &number)) == 0) object = PyFloat_FromDouble(number);
        if (!object || PyList_Append(list, object) < 0) Py_CLEAR(list);
        Py_XDECREF(object);
    }
    return list;
}

typedef struct {
    const tw_history *history;
    int metric;
    bool validation;
} Column;

static tw_status epoch_value(const void *context, int64_t index, double *value) {
    const Column *column = context;
    return tw_history_value(column->history, (tw_metric)column->metric, index, value);
}

static tw_status step_value(const void *context, int64_t index, double *value) {
    const Column *column = context;
    return tw_history_step_value(column->history, (tw_metric)column->metric, index, value);
}

static tw_status metric_value(const void *context, int64_t index, double *value) {
    const Column *column = context;
    return tw_history_metric(column->history, column->metric, column->validation, index, value);
}

/* A tuple of lists, one a metric in the order of tw_metric. */
static PyObject *columns(State *state, const tw_history *history, int64_t count,
                         tw_status (*value)(const void *, int64_t, double *)) {
    PyObject *tuple = PyTuple_New(TW_METRIC_STEPS + 1);
    for (int metric = 0; tuple && metric <= TW_METRIC_STEPS; ++metric) {
        Column column = {history, metric, false};
        PyObject *list = list_of(state, count, value, &column);
        if (!list || PyTuple_SetItem(tuple, metric, list) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

/* Lists of the caller's metrics, each with that of the validation after it. */
static PyObject *metric_lists(State *state, const tw_history *history, int64_t epochs) {
    int64_t count;
    if (check(state, tw_history_metric_count(history, &count)) < 0) return NULL;
    PyObject *lists = PyList_New(0);
    for (int64_t i = 0; lists && i < 2 * count; ++i) {
        Column column = {history, (int)(i / 2), i % 2 == 1};
        PyObject *list = list_of(state, epochs, metric_value, &column);
        if (!list || PyList_Append(lists, list) < 0) Py_CLEAR(lists);
        Py_XDECREF(list);
    }
    return lists;
}

PyObject *history_dict(State *state, const tw_history *history) {
    int64_t epochs, steps, failed, best = -1;
    tw_fit_stop stop;
    if (check(state, tw_history_epochs(history, &epochs)) < 0 || check(state, tw_history_stop(history, &stop)) < 0 ||
        check(state, tw_history_steps(history, &steps)) < 0 ||
        check(state, tw_history_failed_checkpoints(history, &failed)) < 0 ||
        (epochs > 0 && check(state, tw_history_best_epoch(history, &best)) < 0))
        return NULL;
    PyObject *lists = columns(state, history, epochs, epoch_value);
    PyObject *records = lists ? columns(state, history, steps, step_value) : NULL;
    PyObject *metrics = records ? metric_lists(state, history, epochs) : NULL;
    if (!metrics) {
        Py_XDECREF(lists);
        Py_XDECREF(records);
        return NULL;
    }
    return Py_BuildValue("{sNsNsNsLsisL}", "epochs", lists, "steps", records, "metrics", metrics, "best_epoch",
                         (long long)best, "stop", (int)stop, "failed_checkpoints", (long long)failed);
}
