/* talweg.glm: the call, its callback, its result. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_glm_result *handle;
} ResultObject;

#define RESULT(object) (((ResultObject *)(object))->handle)

/* What the callback needs. `callable` is NULL if only Ctrl-C is looked for. */
typedef struct {
    State *state;
    PyObject *callable;
    double last_look;
} Watcher;

static PyObject *call_with(State *state, PyObject *callable, const tw_glm_progress *progress) {
    int64_t shape[] = {progress->outputs, progress->features};
    PyObject *coefficients = tensor_wrap(
        state, tw_tensor_from_data(NULL, progress->coefficients, TW_FLOAT64, shape, 2));
    PyObject *intercept = tensor_wrap(state, tw_tensor_from_data(NULL, progress->intercept, TW_FLOAT64, shape, 1));
    PyObject *result = NULL;
    if (coefficients && intercept)
        result = PyObject_CallFunction(callable, "LLdOO", (long long)progress->iteration,
                                       (long long)progress->max_iterations, progress->objective, coefficients,
                                       intercept);
    Py_XDECREF(coefficients);
    Py_XDECREF(intercept);
    return result;
}

static int glm_callback(void *context, const tw_glm_progress *progress) {
    Watcher *watcher = context;
    if (interrupted(&watcher->last_look)) return 1;
    if (!watcher->callable) return 0;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *answer = PyErr_Occurred() ? NULL : call_with(watcher->state, watcher->callable, progress);
    int stop = answer ? PyObject_IsTrue(answer) : 1;
    Py_XDECREF(answer);
    PyGILState_Release(lock);
    return stop != 0;
}

static PyObject *result_wrap(State *state, tw_glm_result *handle) {
    ResultObject *self = PyObject_New(ResultObject, state->glm_result_type);
    if (self) self->handle = handle;
    else tw_glm_result_free(handle);
    return (PyObject *)self;
}

/* What glm and glm_path have in common; the tensors are owned. */
typedef struct {
    tw_glm_options options;
    Watcher watcher;
    PyObject *rows, *targets, *row_weights, *added, *callable;
    PyObject *X, *y, *weights, *offset;
    int family, link, intercept, errors;
} Call;

static Call call_new(State *state) {
    return (Call){.options = TW_GLM_OPTIONS_INIT, .watcher = {state, NULL, 0}, .row_weights = Py_None,
                  .added = Py_None, .callable = Py_None, .intercept = 1, .errors = 1};
}

static int call_ready(State *state, Call *call) {
    call->X = tensor_from(state, call->rows, NULL, NULL);
    call->y = call->X ? tensor_from(state, call->targets, NULL, NULL) : NULL;
    if (!call->y || tensor_or_none(state, call->row_weights, &call->weights) < 0 ||
        tensor_or_none(state, call->added, &call->offset) < 0)
        return -1;
    call->watcher.callable = call->callable == Py_None ? NULL : call->callable;
    call->options.family = (tw_glm_family)call->family;
    call->options.link = (tw_glm_link)call->link;
    call->options.intercept = call->intercept;
    call->options.standard_errors = call->errors;
    call->options.weights = call->weights ? TENSOR(call->weights) : NULL;
    call->options.offset = call->offset ? TENSOR(call->offset) : NULL;
    call->options.callback = glm_callback;
    call->options.context = &call->watcher;
    return 0;
}

static void call_clear(Call *call) {
    Py_XDECREF(call->X);
    Py_XDECREF(call->y);
    Py_XDECREF(call->weights);
    Py_XDECREF(call->offset);
}

static PyObject *glm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",     "y",  "family",  "link",   "intercept", "standard_errors", "alpha",
                            "ridge", "l1", "weights", "offset", "tolerance", "max_iterations",  "callback",
                            NULL};
    State *state = module_state(module);
    PyObject *result = NULL;
    Call c = call_new(state);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$iippdddOOdO&O:glm", names, &c.rows, &c.targets, &c.family,
                                     &c.link, &c.intercept, &c.errors, &c.options.alpha, &c.options.ridge,
                                     &c.options.l1, &c.row_weights, &c.added, &c.options.tolerance, to_int64,
                                     &c.options.max_iterations, &c.callable))
        return NULL;
    if (call_ready(state, &c) == 0) {
        tw_glm_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_glm(TENSOR(c.X), TENSOR(c.y), &c.options, &handle))
        if (check(state, status) == 0) result = result_wrap(state, handle);
        else tw_glm_result_free(handle);
    }
    call_clear(&c);
    return result;
}

/* The path's fits, as a list. */
static PyObject *fits_of(State *state, const tw_glm_path_result *path) {
    int64_t count = 0;
    if (check(state, tw_glm_path_result_count(path, &count)) < 0) return NULL;
    PyObject *fits = PyList_New((Py_ssize_t)count);
    for (int64_t k = 0; fits && k < count; ++k) {
        tw_glm_result *handle = NULL;
        PyObject *fit = NULL;
        if (check(state, tw_glm_path_result_fit(path, k, &handle)) == 0) fit = result_wrap(state, handle);
        if (fit) PyList_SetItem(fits, (Py_ssize_t)k, fit);
        else Py_CLEAR(fits);
    }
    return fits;
}

static PyObject *path_wrap(State *state, const tw_glm_path_result *path) {
    tw_stop_reason reason = TW_STOP_TOLERANCE;
    PyObject *result = NULL;
    PyObject *fits = fits_of(state, path);
    PyObject *coefficients = fits ? tensor_wrap(state, tw_glm_path_result_coefficients(NULL, path)) : NULL;
    PyObject *intercepts = coefficients ? tensor_wrap(state, tw_glm_path_result_intercepts(NULL, path)) : NULL;
    PyObject *penalties = intercepts ? tensor_wrap(state, tw_glm_path_result_penalties(NULL, path)) : NULL;
    PyObject *deviances = penalties ? tensor_wrap(state, tw_glm_path_result_deviances(NULL, path)) : NULL;
    if (deviances && check(state, tw_glm_path_result_stop_reason(path, &reason)) == 0)
        result = Py_BuildValue("OOOOiO", coefficients, intercepts, penalties, deviances, (int)reason, fits);
    Py_XDECREF(fits);
    Py_XDECREF(coefficients);
    Py_XDECREF(intercepts);
    Py_XDECREF(penalties);
    Py_XDECREF(deviances);
    return result;
}

static PyObject *glm_path(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",         "y",             "penalties",     "family",      "link",
                            "intercept", "alpha",         "l1_ratio",      "penalty_count", "penalty_ratio",
                            "standardize", "weights",     "offset",        "tolerance",   "max_iterations",
                            "callback",  NULL};
    State *state = module_state(module);
    tw_glm_path_options options = TW_GLM_PATH_OPTIONS_INIT;
    PyObject *given = Py_None, *result = NULL;
    double *penalties = NULL;
    int standardize = 0;
    Call c = call_new(state);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$OiipddO&dpOOdO&O:glm_path", names, &c.rows, &c.targets, &given,
                                     &c.family, &c.link, &c.intercept, &c.options.alpha, &options.l1_ratio, to_int64,
                                     &options.penalty_count, &options.penalty_ratio, &standardize, &c.row_weights,
                                     &c.added, &c.options.tolerance, to_int64, &c.options.max_iterations, &c.callable))
        return NULL;
    options.standardize = standardize;
    if (call_ready(state, &c) == 0 && numbers_from(state, given, &penalties, &options.penalty_count) == 0) {
        options.penalties = penalties;
        tw_glm_path_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_glm_path(TENSOR(c.X), TENSOR(c.y), &c.options, &options, &handle))
        if (check(state, status) == 0) result = path_wrap(state, handle);
        tw_glm_path_result_free(handle);
    }
    PyMem_Free(penalties);
    call_clear(&c);
    return result;
}

static void result_dealloc(PyObject *self) {
    tw_glm_result_free(RESULT(self));
    object_free(self);
}

#define TENSOR_GETTER(name) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        return tensor_wrap(object_state(self), tw_glm_result_##name(NULL, RESULT(self))); \
    }
TENSOR_GETTER(coefficients)
TENSOR_GETTER(intercept)
TENSOR_GETTER(standard_errors)
TENSOR_GETTER(intercept_standard_error)
TENSOR_GETTER(statistics)
TENSOR_GETTER(p_values)
TENSOR_GETTER(intercept_statistic)
TENSOR_GETTER(intercept_p_value)

#define NUMBER_GETTER(name, type, make) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        type value; \
        if (check(object_state(self), tw_glm_result_##name(RESULT(self), &value)) < 0) return NULL; \
        return make(value); \
    }
NUMBER_GETTER(deviance, double, PyFloat_FromDouble)
NUMBER_GETTER(null_deviance, double, PyFloat_FromDouble)
NUMBER_GETTER(log_likelihood, double, PyFloat_FromDouble)
NUMBER_GETTER(aic, double, PyFloat_FromDouble)
NUMBER_GETTER(dispersion, double, PyFloat_FromDouble)
NUMBER_GETTER(bic, double, PyFloat_FromDouble)
NUMBER_GETTER(pearson, double, PyFloat_FromDouble)
NUMBER_GETTER(null_degrees_of_freedom, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(violation, double, PyFloat_FromDouble)
NUMBER_GETTER(rank, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(degrees_of_freedom, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(separated, bool, PyBool_FromLong)
NUMBER_GETTER(stop_reason, tw_stop_reason, PyLong_FromLong)
NUMBER_GETTER(iterations, int64_t, PyLong_FromLongLong)

static PyObject *result_intervals(PyObject *self, PyObject *args) {
    double level;
    if (!PyArg_ParseTuple(args, "d", &level)) return NULL;
    return tensor_wrap(object_state(self), tw_glm_result_confidence_intervals(NULL, RESULT(self), level));
}

static PyObject *result_intercept_interval(PyObject *self, PyObject *args) {
    double level;
    if (!PyArg_ParseTuple(args, "d", &level)) return NULL;
    return tensor_wrap(object_state(self), tw_glm_result_intercept_confidence_interval(NULL, RESULT(self), level));
}

static tw_status summary_of_glm(PyObject *self, const tw_summary_options *options, char **text) {
    return tw_glm_result_summary(RESULT(self), options, text);
}

static PyObject *result_summary(PyObject *self, PyObject *args) { return summary_with(self, args, summary_of_glm); }

static PyObject *result_residuals(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "y", "kind", "weights", "offset", NULL};
    State *state = object_state(self);
    PyObject *rows, *targets, *row_weights = Py_None, *added = Py_None;
    PyObject *weights = NULL, *offset = NULL, *result = NULL;
    int kind = TW_GLM_RESIDUAL_RESPONSE;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|iOO:residuals", names, &rows, &targets, &kind, &row_weights,
                                     &added))
        return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    PyObject *y = X ? tensor_from(state, targets, NULL, NULL) : NULL;
    if (y && tensor_or_none(state, row_weights, &weights) == 0 && tensor_or_none(state, added, &offset) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_glm_result_residuals(NULL, RESULT(self), TENSOR(X), TENSOR(y), (tw_glm_residual)kind,
                                                  weights ? TENSOR(weights) : NULL, offset ? TENSOR(offset) : NULL))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(X);
    Py_XDECREF(y);
    Py_XDECREF(weights);
    Py_XDECREF(offset);
    return result;
}

static PyObject *predict_with(PyObject *self, PyObject *args, PyObject *kwargs,
                              tw_tensor *(*predict)(tw_scope *, const tw_glm_result *, const tw_tensor *,
                                                    tw_glm_prediction, const tw_tensor *)) {
    static char *names[] = {"X", "kind", "offset", NULL};
    State *state = object_state(self);
    PyObject *rows, *added = Py_None, *offset = NULL, *result = NULL;
    int kind = TW_GLM_RESPONSE;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|iO:predict", names, &rows, &kind, &added)) return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (X && tensor_or_none(state, added, &offset) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = predict(NULL, RESULT(self), TENSOR(X), (tw_glm_prediction)kind,
                                  offset ? TENSOR(offset) : NULL))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(X);
    Py_XDECREF(offset);
    return result;
}

static PyObject *result_predict(PyObject *self, PyObject *args, PyObject *kwargs) {
    return predict_with(self, args, kwargs, tw_glm_result_predict);
}

static PyObject *result_predict_error(PyObject *self, PyObject *args, PyObject *kwargs) {
    return predict_with(self, args, kwargs, tw_glm_result_predict_error);
}

static PyGetSetDef getset[] = {
    {"coefficients", get_coefficients, NULL, NULL, NULL},
    {"intercept", get_intercept, NULL, NULL, NULL},
    {"standard_errors", get_standard_errors, NULL, NULL, NULL},
    {"intercept_standard_error", get_intercept_standard_error, NULL, NULL, NULL},
    {"deviance", get_deviance, NULL, NULL, NULL},
    {"null_deviance", get_null_deviance, NULL, NULL, NULL},
    {"log_likelihood", get_log_likelihood, NULL, NULL, NULL},
    {"aic", get_aic, NULL, NULL, NULL},
    {"dispersion", get_dispersion, NULL, NULL, NULL},
    {"rank", get_rank, NULL, NULL, NULL},
    {"degrees_of_freedom", get_degrees_of_freedom, NULL, NULL, NULL},
    {"statistics", get_statistics, NULL, NULL, NULL},
    {"p_values", get_p_values, NULL, NULL, NULL},
    {"intercept_statistic", get_intercept_statistic, NULL, NULL, NULL},
    {"intercept_p_value", get_intercept_p_value, NULL, NULL, NULL},
    {"bic", get_bic, NULL, NULL, NULL},
    {"pearson", get_pearson, NULL, NULL, NULL},
    {"null_degrees_of_freedom", get_null_degrees_of_freedom, NULL, NULL, NULL},
    {"violation", get_violation, NULL, NULL, NULL},
    {"separated", get_separated, NULL, NULL, NULL},
    {"stop_reason", get_stop_reason, NULL, NULL, NULL},
    {"iterations", get_iterations, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"predict", METHOD_KEYWORDS(result_predict),
     "predict($self, X, kind=0, offset=None)\n--\n\nMeans, linear predictors or classes of new rows."},
    {"predict_error", METHOD_KEYWORDS(result_predict_error),
     "predict_error($self, X, kind=0, offset=None)\n--\n\nStandard errors of means or linear predictors."},
    {"residuals", METHOD_KEYWORDS(result_residuals),
     "residuals($self, X, y, kind=0, weights=None, offset=None)\n--\n\n"},
    {"confidence_intervals", result_intervals, METH_VARARGS, "confidence_intervals($self, level, /)\n--\n\n"},
    {"intercept_confidence_interval", result_intercept_interval, METH_VARARGS,
     "intercept_confidence_interval($self, level, /)\n--\n\n"},
    {"summary", result_summary, METH_VARARGS, "summary($self, level, names, /)\n--\n\n"},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's fit, under talweg.GLMResult."},
    {Py_tp_dealloc, result_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.GLMFit", sizeof(ResultObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int glm_result_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->glm_result_type);
}

PyMethodDef glm_functions[] = {
    {"glm", METHOD_KEYWORDS(glm),
     "glm(X, y, *, family=0, link=0, intercept=True, standard_errors=True, alpha=1.0, ridge=0.0, l1=0.0, "
     "weights=None, offset=None, tolerance=-1.0, max_iterations=100, callback=None)\n--\n\n"
     "As talweg.glm, with family and link by their numbers; the callback gets iteration,\n"
     "max_iterations, objective, coefficients [outputs, features] and intercept [outputs]."},
    {"glm_path", METHOD_KEYWORDS(glm_path),
     "glm_path(X, y, *, penalties=None, family=0, link=0, intercept=True, alpha=1.0, l1_ratio=1.0, "
     "penalty_count=100, penalty_ratio=1e-3, standardize=False, weights=None, offset=None, tolerance=-1.0, "
     "max_iterations=100, callback=None)\n--\n\n"
     "As talweg.glm_path: coefficients, intercepts, penalties, deviances, the stop reason and the fits."},
    {0},
};
