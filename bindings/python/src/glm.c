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

static PyObject *glm(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",     "y",       "family", "link",      "intercept",      "standard_errors", "alpha",
                            "ridge", "weights", "offset", "tolerance", "max_iterations", "callback",        NULL};
    State *state = module_state(module);
    tw_glm_options options = TW_GLM_OPTIONS_INIT;
    PyObject *rows, *targets, *row_weights = Py_None, *added = Py_None, *callable = Py_None;
    PyObject *weights = NULL, *offset = NULL, *result = NULL;
    int family = 0, link = 0, intercept = 1, errors = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$iippddOOdO&O:glm", names, &rows, &targets, &family, &link,
                                     &intercept, &errors, &options.alpha, &options.ridge, &row_weights, &added,
                                     &options.tolerance, to_int64, &options.max_iterations, &callable))
        return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    PyObject *y = X ? tensor_from(state, targets, NULL, NULL) : NULL;
    if (y && tensor_or_none(state, row_weights, &weights) == 0 && tensor_or_none(state, added, &offset) == 0) {
        Watcher watcher = {state, callable == Py_None ? NULL : callable, 0};
        options.family = (tw_glm_family)family;
        options.link = (tw_glm_link)link;
        options.intercept = intercept;
        options.standard_errors = errors;
        options.weights = weights ? TENSOR(weights) : NULL;
        options.offset = offset ? TENSOR(offset) : NULL;
        options.callback = glm_callback;
        options.context = &watcher;
        tw_glm_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_glm(TENSOR(X), TENSOR(y), &options, &handle))
        if (check(state, status) == 0) result = result_wrap(state, handle);
        else tw_glm_result_free(handle);
    }
    Py_XDECREF(X);
    Py_XDECREF(y);
    Py_XDECREF(weights);
    Py_XDECREF(offset);
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
NUMBER_GETTER(rank, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(degrees_of_freedom, int64_t, PyLong_FromLongLong)
NUMBER_GETTER(separated, bool, PyBool_FromLong)
NUMBER_GETTER(stop_reason, tw_stop_reason, PyLong_FromLong)
NUMBER_GETTER(iterations, int64_t, PyLong_FromLongLong)

static PyObject *result_predict(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X", "kind", "offset", NULL};
    State *state = object_state(self);
    PyObject *rows, *added = Py_None, *offset = NULL, *result = NULL;
    int kind = TW_GLM_RESPONSE;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|iO:predict", names, &rows, &kind, &added)) return NULL;
    PyObject *X = tensor_from(state, rows, NULL, NULL);
    if (X && tensor_or_none(state, added, &offset) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_glm_result_predict(NULL, RESULT(self), TENSOR(X), (tw_glm_prediction)kind,
                                                offset ? TENSOR(offset) : NULL))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(X);
    Py_XDECREF(offset);
    return result;
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
    {"separated", get_separated, NULL, NULL, NULL},
    {"stop_reason", get_stop_reason, NULL, NULL, NULL},
    {"iterations", get_iterations, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"predict", METHOD_KEYWORDS(result_predict),
     "predict($self, X, kind=0, offset=None)\n--\n\nMeans, linear predictors or classes of new rows."},
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
     "glm(X, y, *, family=0, link=0, intercept=True, standard_errors=True, alpha=1.0, ridge=0.0, weights=None, "
     "offset=None, tolerance=-1.0, max_iterations=100, callback=None)\n--\n\n"
     "As talweg.glm, with family and link by their numbers; the callback gets iteration,\n"
     "max_iterations, objective, coefficients [outputs, features] and intercept [outputs]."},
    {0},
};
