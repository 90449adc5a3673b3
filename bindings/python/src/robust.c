/* talweg.robust_fit, quantile_regression, ransac, theil_sen: the calls and their result. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_robust_result *handle;
} ResultObject;

#define RESULT(object) (((ResultObject *)(object))->handle)

/* What the callback needs. `callable` is NULL if only Ctrl-C is looked for. */
typedef struct {
    State *state;
    PyObject *callable;
    double last_look;
} Watcher;

static int robust_callback(void *context, const tw_robust_progress *progress) {
    Watcher *watcher = context;
    if (interrupted(&watcher->last_look)) return 1;
    if (!watcher->callable) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = NULL;
    if (!PyErr_Occurred()) {
        int64_t shape[] = {progress->features};
        PyObject *coefficients = tensor_wrap(
            watcher->state, tw_tensor_from_data(NULL, progress->coefficients, TW_FLOAT64, shape, 1));
        if (coefficients)
            answer = PyObject_CallFunction(watcher->callable, "LLdOd", (long long)progress->iteration,
                                           (long long)progress->max_iterations, progress->scale, coefficients,
                                           progress->intercept);
        Py_XDECREF(coefficients);
    }
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

static PyObject *result_wrap(State *state, tw_status status, tw_robust_result *handle) {
    if (check(state, status) < 0) {
        tw_robust_result_free(handle);
        return NULL;
    }
    ResultObject *self = PyObject_New(ResultObject, state->robust_result_type);
    if (self) self->handle = handle;
    else tw_robust_result_free(handle);
    return (PyObject *)self;
}

/* The three tensors that a call takes; weights may be None. */
typedef struct {
    PyObject *X, *y, *weights;
} Data;

static int data_from(State *state, PyObject *rows, PyObject *targets, PyObject *row_weights, Data *data) {
    *data = (Data){NULL, NULL, NULL};
    data->X = tensor_from(state, rows, NULL, NULL);
    data->y = data->X ? tensor_from(state, targets, NULL, NULL) : NULL;
    return data->y ? tensor_or_none(state, row_weights, &data->weights) : -1;
}

static void data_release(Data *data) {
    Py_XDECREF(data->X);
    Py_XDECREF(data->y);
    Py_XDECREF(data->weights);
}

static PyObject *robust_fit(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",      "y",         "loss",    "scale_estimate", "tuning",         "proposal_constant",
                            "scale",  "intercept", "weights", "tolerance",      "max_iterations", "callback",
                            NULL};
    State *state = module_state(module);
    tw_robust_options options = TW_ROBUST_OPTIONS_INIT;
    PyObject *rows, *targets, *row_weights = Py_None, *callable = Py_None, *result = NULL;
    int loss = 0, scale = 0, intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$iidddpOdO&O:robust_fit", names, &rows, &targets, &loss, &scale,
                                     &options.tuning, &options.proposal_constant, &options.scale, &intercept,
                                     &row_weights, &options.tolerance, to_int64, &options.max_iterations, &callable))
        return NULL;
    Data data;
    if (data_from(state, rows, targets, row_weights, &data) == 0) {
        Watcher watcher = {state, callable == Py_None ? NULL : callable, 0};
        options.loss = (tw_robust_loss)loss;
        options.scale_estimate = (tw_robust_scale)scale;
        options.intercept = intercept;
        options.weights = data.weights ? TENSOR(data.weights) : NULL;
        options.callback = robust_callback;
        options.context = &watcher;
        tw_robust_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_robust(TENSOR(data.X), TENSOR(data.y), &options, &handle))
        result = result_wrap(state, status, handle);
    }
    data_release(&data);
    return result;
}

static PyObject *huber(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "y", "epsilon", "penalty", "intercept", "weights", "tolerance", "max_iterations", NULL};
    State *state = module_state(module);
    tw_huber_options options = TW_HUBER_OPTIONS_INIT;
    PyObject *rows, *targets, *row_weights = Py_None, *result = NULL;
    int intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$ddpOdO&:huber", names, &rows, &targets, &options.epsilon,
                                     &options.penalty, &intercept, &row_weights, &options.tolerance, to_int64,
                                     &options.max_iterations))
        return NULL;
    Data data;
    if (data_from(state, rows, targets, row_weights, &data) == 0) {
        options.intercept = intercept;
        options.weights = data.weights ? TENSOR(data.weights) : NULL;
        tw_robust_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_huber(TENSOR(data.X), TENSOR(data.y), &options, &handle))
        result = result_wrap(state, status, handle);
    }
    data_release(&data);
    return result;
}

static PyObject *quantile_regression(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "y", "quantile", "intercept", "weights", "tolerance", "max_iterations", NULL};
    State *state = module_state(module);
    tw_quantile_options options = TW_QUANTILE_OPTIONS_INIT;
    PyObject *rows, *targets, *row_weights = Py_None, *result = NULL;
    int intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|d$pOdO&:quantile_regression", names, &rows, &targets,
                                     &options.quantile, &intercept, &row_weights, &options.tolerance, to_int64,
                                     &options.max_iterations))
        return NULL;
    Data data;
    if (data_from(state, rows, targets, row_weights, &data) == 0) {
        options.intercept = intercept;
        options.weights = data.weights ? TENSOR(data.weights) : NULL;
        tw_robust_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_quantile_regression(TENSOR(data.X), TENSOR(data.y), &options, &handle))
        result = result_wrap(state, status, handle);
    }
    data_release(&data);
    return result;
}

static PyObject *ransac(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",    "y",         "sample_size", "threshold", "max_trials", "confidence",
                            "seed", "intercept", "weights",     NULL};
    State *state = module_state(module);
    tw_ransac_options options = TW_RANSAC_OPTIONS_INIT;
    PyObject *rows, *targets, *row_weights = Py_None, *result = NULL;
    int intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O&dO&dO&pO:ransac", names, &rows, &targets, to_int64,
                                     &options.sample_size, &options.threshold, to_int64, &options.max_trials,
                                     &options.confidence, to_uint64, &options.seed, &intercept, &row_weights))
        return NULL;
    Data data;
    if (data_from(state, rows, targets, row_weights, &data) == 0) {
        options.intercept = intercept;
        options.weights = data.weights ? TENSOR(data.weights) : NULL;
        tw_robust_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_ransac(TENSOR(data.X), TENSOR(data.y), &options, &handle))
        result = result_wrap(state, status, handle);
    }
    data_release(&data);
    return result;
}

static PyObject *theil_sen(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "y", "intercept", "max_subsets", "seed", NULL};
    State *state = module_state(module);
    tw_theil_sen_options options = TW_THEIL_SEN_OPTIONS_INIT;
    PyObject *rows, *targets, *result = NULL;
    int intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$pO&O&:theil_sen", names, &rows, &targets, &intercept, to_int64,
                                     &options.max_subsets, to_uint64, &options.seed))
        return NULL;
    Data data;
    if (data_from(state, rows, targets, Py_None, &data) == 0) {
        options.intercept = intercept;
        tw_robust_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_theil_sen(TENSOR(data.X), TENSOR(data.y), &options, &handle))
        result = result_wrap(state, status, handle);
    }
    data_release(&data);
    return result;
}

static void result_dealloc(PyObject *self) {
    tw_robust_result_free(RESULT(self));
    object_free(self);
}

#define TENSOR_GETTER(name) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        return tensor_wrap(object_state(self), tw_robust_result_##name(NULL, RESULT(self))); \
    }
TENSOR_GETTER(coefficients)
TENSOR_GETTER(intercept)
TENSOR_GETTER(standard_errors)
TENSOR_GETTER(intercept_standard_error)
TENSOR_GETTER(weights)

#define NUMBER_GETTER(name, type, make) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        type value; \
        if (check(object_state(self), tw_robust_result_##name(RESULT(self), &value)) < 0) return NULL; \
        return make(value); \
    }
NUMBER_GETTER(scale, double, PyFloat_FromDouble)
NUMBER_GETTER(objective, double, PyFloat_FromDouble)
NUMBER_GETTER(rank, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(stop_reason, tw_stop_reason, PyLong_FromLong)
NUMBER_GETTER(iterations, int64_t, PyLong_FromLongLong)

static PyObject *result_predict(PyObject *self, PyObject *rows) {
    State *state = object_state(self);
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (!X) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_robust_result_predict(NULL, RESULT(self), TENSOR(X)))
    Py_DECREF(X);
    return tensor_wrap(state, handle);
}

static PyGetSetDef getset[] = {
    {"coefficients", get_coefficients, NULL, NULL, NULL},
    {"intercept", get_intercept, NULL, NULL, NULL},
    {"standard_errors", get_standard_errors, NULL, NULL, NULL},
    {"intercept_standard_error", get_intercept_standard_error, NULL, NULL, NULL},
    {"weights", get_weights, NULL, NULL, NULL},
    {"scale", get_scale, NULL, NULL, NULL},
    {"objective", get_objective, NULL, NULL, NULL},
    {"rank", get_rank, NULL, NULL, NULL},
    {"stop_reason", get_stop_reason, NULL, NULL, NULL},
    {"iterations", get_iterations, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"predict", result_predict, METH_O, "predict($self, X, /)\n--\n\nX b + c for new rows."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's fit, under talweg.RobustResult."},
    {Py_tp_dealloc, result_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.RobustFit", sizeof(ResultObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int robust_result_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->robust_result_type);
}

PyMethodDef robust_functions[] = {
    {"huber", METHOD_KEYWORDS(huber),
     "huber(X, y, *, epsilon=1.35, penalty=0.0, intercept=True, weights=None, tolerance=1e-13, "
     "max_iterations=100)\n--\n\nAs talweg.huber."},
    {"robust_fit", METHOD_KEYWORDS(robust_fit),
     "robust_fit(X, y, *, loss=0, scale_estimate=0, tuning=0.0, proposal_constant=2.5, scale=1.0, intercept=True, "
     "weights=None, tolerance=1e-09, max_iterations=200, callback=None)\n--\n\n"
     "As talweg.robust_fit, with loss and scale_estimate by their numbers; the callback gets\n"
     "iteration, max_iterations, scale, coefficients and intercept."},
    {"quantile_regression", METHOD_KEYWORDS(quantile_regression),
     "quantile_regression(X, y, quantile=0.5, *, intercept=True, weights=None, tolerance=1e-10, "
     "max_iterations=100)\n--\n\nAs talweg.quantile_regression."},
    {"ransac", METHOD_KEYWORDS(ransac),
     "ransac(X, y, *, sample_size=0, threshold=-1.0, max_trials=1000, confidence=0.999, seed=0, intercept=True, "
     "weights=None)\n--\n\nAs talweg.ransac."},
    {"theil_sen", METHOD_KEYWORDS(theil_sen),
     "theil_sen(X, y, *, intercept=True, max_subsets=10000, seed=0)\n--\n\nAs talweg.theil_sen."},
    {0},
};
