/* The fit loop and prediction. */
#include "talweg_python.h"

/* What the epoch's callback needs. `callable` is NULL if only Ctrl-C is looked for. */
typedef struct {
    PyObject *callable;
    double last_look;
} Fit;

static int epoch_callback(void *context, const tw_epoch_progress *progress) {
    Fit *fit = context;
    if (interrupted(&fit->last_look)) return 1;
    if (!fit->callable) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred())
        answer = PyObject_CallFunction(fit->callable, "LLddddd", (long long)progress->epoch,
                                       (long long)progress->epochs, progress->loss, progress->validation_loss,
                                       progress->accuracy, progress->validation_accuracy, progress->seconds);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

static PyObject *metric_list(State *state, const tw_history *history, tw_metric metric, int64_t epochs) {
    PyObject *list = PyList_New(0);
    for (int64_t i = 0; list && i < epochs; ++i) {
        double value;
        PyObject *number = NULL;
        if (check(state, tw_history_value(history, metric, i, &value)) == 0) number = PyFloat_FromDouble(value);
        if (!number || PyList_Append(list, number) < 0) Py_CLEAR(list);
        Py_XDECREF(number);
    }
    return list;
}

/* (lists by metric, in the order of tw_metric; best epoch; stop) */
static PyObject *history_tuple(State *state, const tw_history *history) {
    int64_t epochs, best = -1;
    tw_fit_stop stop;
    if (check(state, tw_history_epochs(history, &epochs)) < 0 || check(state, tw_history_stop(history, &stop)) < 0 ||
        (epochs > 0 && check(state, tw_history_best_epoch(history, &best)) < 0))
        return NULL;
    PyObject *lists = PyTuple_New(TW_METRIC_SECONDS + 1);
    for (int metric = 0; lists && metric <= TW_METRIC_SECONDS; ++metric) {
        PyObject *list = metric_list(state, history, (tw_metric)metric, epochs);
        if (!list || PyTuple_SetItem(lists, metric, list) < 0) Py_CLEAR(lists);
    }
    return lists ? Py_BuildValue("(NLi)", lists, (long long)best, (int)stop) : NULL;
}

static PyObject *fit(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"model", "optimizer", "inputs", "targets", "loss", "epochs", "batch_size", "shuffle",
                            "drop_last", "seed", "validation_split", "validation_inputs", "validation_targets",
                            "patience", "min_delta", "restore_best", "l1", "l2", "callback", NULL};
    State *state = module_state(module);
    tw_fit_options options = TW_FIT_OPTIONS_INIT;
    PyObject *model, *optimizer, *inputs, *targets, *callable = Py_None;
    PyObject *given_inputs = Py_None, *given_targets = Py_None;
    PyObject *x = NULL, *y = NULL, *held_x = NULL, *held_y = NULL, *result = NULL;
    int loss = options.loss, shuffle = options.shuffle, drop_last = 0, restore = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!OO|$iO&O&ppO&dOOO&dpddO:fit", names, state->module_type, &model,
                                     state->optimizer_type, &optimizer, &inputs, &targets, &loss, to_int64, &options.epochs,
                                     to_int64, &options.batch_size, &shuffle, &drop_last, to_uint64, &options.seed,
                                     &options.validation_split, &given_inputs, &given_targets, to_int64,
                                     &options.patience, &options.min_delta, &restore, &options.l1, &options.l2,
                                     &callable))
        return NULL;
    if (!(x = tensor_from(state, inputs, NULL, NULL)) || !(y = tensor_from(state, targets, NULL, NULL)) ||
        tensor_or_none(state, given_inputs, &held_x) < 0 || tensor_or_none(state, given_targets, &held_y) < 0)
        goto done;
    Fit context = {callable == Py_None ? NULL : callable, 0};
    options.loss = (tw_loss)loss;
    options.shuffle = shuffle;
    options.drop_last = drop_last;
    options.validation_inputs = held_x ? TENSOR(held_x) : NULL;
    options.validation_targets = held_y ? TENSOR(held_y) : NULL;
    options.restore_best = restore;
    options.callback = epoch_callback;
    options.context = &context;
    tw_history *history = NULL;
    tw_status status;
    UNLOCKED(status = tw_fit(MODULE(model), OPTIMIZER(optimizer), TENSOR(x), TENSOR(y), &options, &history))
    /* Cancelled by the callback's answer, not by an exception: an end like others. */
    if (status == TW_ERROR_CANCELLED && history && !PyErr_Occurred()) status = TW_OK;
    if (check(state, status) == 0) result = history_tuple(state, history);
    tw_history_free(history);
done:
    Py_XDECREF(x);
    Py_XDECREF(y);
    Py_XDECREF(held_x);
    Py_XDECREF(held_y);
    return result;
}

static PyObject *predict(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *model, *inputs;
    int64_t batch_size;
    if (!PyArg_ParseTuple(args, "O!OO&", state->module_type, &model, &inputs, to_int64, &batch_size)) return NULL;
    PyObject *x = tensor_from(state, inputs, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_predict(NULL, MODULE(model), TENSOR(x), batch_size))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

PyMethodDef train_functions[] = {
    {"fit", METHOD_KEYWORDS(fit),
     "fit(model, optimizer, inputs, targets, *, loss=0, epochs=10, batch_size=32, shuffle=True, drop_last=False, "
     "seed=0, validation_split=0.0, validation_inputs=None, validation_targets=None, patience=0, min_delta=0.0, "
     "restore_best=False, l1=0.0, l2=0.0, callback=None)\n--\n\n"
     "As talweg.fit, with the loss by its number; gives (lists by metric, best epoch, stop)."},
    {"predict", predict, METH_VARARGS, "predict(model, inputs, batch_size, /)\n--\n\nAs talweg.predict."},
    {0},
};
