/* talweg.constrained_lstsq: the call and its result. */
#include "talweg_python.h"

typedef struct {
    PyObject_HEAD
    tw_constrained_result *handle;
} ResultObject;

#define RESULT(object) (((ResultObject *)(object))->handle)

enum { X, Y, WEIGHTS, OFFSET, LOWER, UPPER, EQUALITY_MATRIX, EQUALITY_VALUES, INEQUALITY_MATRIX, INEQUALITY_VALUES,
       ARGUMENTS };

static PyObject *constrained(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"X",      "y",     "weights",         "offset",          "lower",
                            "upper",  "equality_matrix", "equality_values", "inequality_matrix", "inequality_values",
                            "intercept", "ridge", "tolerance",       "max_iterations",  NULL};
    State *state = module_state(module);
    tw_constrained_options options = TW_CONSTRAINED_OPTIONS_INIT;
    PyObject *given[ARGUMENTS], *tensors[ARGUMENTS] = {NULL}, *result = NULL;
    for (int i = 0; i < ARGUMENTS; ++i) given[i] = Py_None;
    int intercept = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$OOOOOOOOpddO&:constrained_lstsq", names, &given[X], &given[Y],
                                     &given[WEIGHTS], &given[OFFSET], &given[LOWER], &given[UPPER],
                                     &given[EQUALITY_MATRIX], &given[EQUALITY_VALUES], &given[INEQUALITY_MATRIX],
                                     &given[INEQUALITY_VALUES], &intercept, &options.ridge, &options.tolerance,
                                     to_int64, &options.max_iterations))
        return NULL;
    bool ready = true;
    for (int i = 0; i < ARGUMENTS && ready; ++i) {
        if (i <= Y) ready = (tensors[i] = tensor_from(state, given[i], NULL, NULL)) != NULL;
        else ready = tensor_or_none(state, given[i], &tensors[i]) == 0;
    }
#define GIVEN(i) (tensors[i] ? TENSOR(tensors[i]) : NULL)
    if (ready) {
        options.intercept = intercept;
        options.weights = GIVEN(WEIGHTS);
        options.offset = GIVEN(OFFSET);
        options.lower = GIVEN(LOWER);
        options.upper = GIVEN(UPPER);
        options.equality_matrix = GIVEN(EQUALITY_MATRIX);
        options.equality_values = GIVEN(EQUALITY_VALUES);
        options.inequality_matrix = GIVEN(INEQUALITY_MATRIX);
        options.inequality_values = GIVEN(INEQUALITY_VALUES);
        tw_constrained_result *handle = NULL;
        tw_status status;
        UNLOCKED(status = tw_constrained_lstsq(GIVEN(X), GIVEN(Y), &options, &handle))
        ResultObject *self = NULL;
        if (check(state, status) == 0) self = PyObject_New(ResultObject, state->constrained_result_type);
        if (self) self->handle = handle;
        else tw_constrained_result_free(handle);
        result = (PyObject *)self;
    }
    for (int i = 0; i < ARGUMENTS; ++i) Py_XDECREF(tensors[i]);
    return result;
}

static void result_dealloc(PyObject *self) {
    tw_constrained_result_free(RESULT(self));
    object_free(self);
}

#define TENSOR_GETTER(name) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        return tensor_wrap(object_state(self), tw_constrained_result_##name(NULL, RESULT(self))); \
    }
TENSOR_GETTER(coefficients)
TENSOR_GETTER(intercept)
TENSOR_GETTER(active)
TENSOR_GETTER(bound_multipliers)
TENSOR_GETTER(equality_multipliers)
TENSOR_GETTER(inequality_multipliers)
TENSOR_GETTER(rss)
TENSOR_GETTER(optimality)

#define NUMBER_GETTER(name, type, make) \
    static PyObject *get_##name(PyObject *self, void *unused) { \
        (void)unused; \
        type value; \
        if (check(object_state(self), tw_constrained_result_##name(RESULT(self), &value)) < 0) return NULL; \
        return make(value); \
    }
NUMBER_GETTER(stop_reason, tw_stop_reason, PyLong_FromLong)
NUMBER_GETTER(iterations, int64_t, PyLong_FromLongLong)

static PyObject *result_predict(PyObject *self, PyObject *rows) {
    State *state = object_state(self);
    PyObject *new_rows = tensor_from(state, rows, NULL, NULL);
    if (!new_rows) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_constrained_result_predict(NULL, RESULT(self), TENSOR(new_rows)))
    Py_DECREF(new_rows);
    return tensor_wrap(state, handle);
}

static PyGetSetDef getset[] = {
    {"coefficients", get_coefficients, NULL, NULL, NULL},
    {"intercept", get_intercept, NULL, NULL, NULL},
    {"active", get_active, NULL, NULL, NULL},
    {"bound_multipliers", get_bound_multipliers, NULL, NULL, NULL},
    {"equality_multipliers", get_equality_multipliers, NULL, NULL, NULL},
    {"inequality_multipliers", get_inequality_multipliers, NULL, NULL, NULL},
    {"rss", get_rss, NULL, NULL, NULL},
    {"optimality", get_optimality, NULL, NULL, NULL},
    {"stop_reason", get_stop_reason, NULL, NULL, NULL},
    {"iterations", get_iterations, NULL, NULL, NULL},
    {0},
};

static PyMethodDef methods[] = {
    {"predict", result_predict, METH_O, "predict($self, X, /)\n--\n\nX b + c for new rows."},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The engine's fit, under talweg.ConstrainedResult."},
    {Py_tp_dealloc, result_dealloc},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {0},
};

static PyType_Spec spec = {"talweg._talweg.ConstrainedFit", sizeof(ResultObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

int constrained_result_type_add(PyObject *module, State *state) {
    return type_add(module, &spec, NULL, &state->constrained_result_type);
}

PyMethodDef constrained_functions[] = {
    {"constrained_lstsq", METHOD_KEYWORDS(constrained),
     "constrained_lstsq(X, y, *, weights=None, offset=None, lower=None, upper=None, equality_matrix=None, "
     "equality_values=None, inequality_matrix=None, inequality_values=None, intercept=True, ridge=0.0, "
     "tolerance=-1.0, max_iterations=0)\n--\n\nAs talweg.constrained_lstsq."},
    {0},
};
