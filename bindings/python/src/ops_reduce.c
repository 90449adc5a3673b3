/* Reductions: functions of the module and methods of tensors. */
#include "talweg_python.h"

typedef tw_tensor *(*ReduceOp)(tw_scope *, const tw_tensor *, const int64_t *, int64_t, bool);
typedef tw_tensor *(*PositionOp)(tw_scope *, const tw_tensor *, int64_t, bool);

/* Functions take x first; methods are called with self as `x`. */
static int parse(PyObject *args, PyObject *kwargs, PyObject **x, PyObject **axis, int *keepdims) {
    static char *function_names[] = {"x", "axis", "keepdims", NULL}, *method_names[] = {"axis", "keepdims", NULL};
    *axis = Py_None;
    *keepdims = 0;
    return *x ? PyArg_ParseTupleAndKeywords(args, kwargs, "|Op", method_names, axis, keepdims)
              : PyArg_ParseTupleAndKeywords(args, kwargs, "O|Op", function_names, x, axis, keepdims);
}

static PyObject *reduce(State *state, PyObject *self, PyObject *args, PyObject *kwargs, ReduceOp op) {
    PyObject *axis, *object = self;
    int keepdims;
    Sizes sizes;
    const int64_t *axes;
    if (!parse(args, kwargs, &object, &axis, &keepdims) || axes_from(axis, &sizes, &axes) < 0) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x), axes, sizes.rank, keepdims))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

/* sum and prod: in a dtype of the caller's, if there is one, from the first element on. */
static PyObject *total(State *state, PyObject *self, PyObject *args, PyObject *kwargs, ReduceOp op) {
    static char *names[] = {"x", "axis", "keepdims", "dtype", NULL};
    PyObject *axis = Py_None, *dtype = Py_None, *object = self;
    int keepdims = 0;
    Sizes sizes;
    const int64_t *axes;
    tw_dtype code;
    int parsed = self ? PyArg_ParseTupleAndKeywords(args, kwargs, "|Op$O", names + 1, &axis, &keepdims, &dtype)
                      : PyArg_ParseTupleAndKeywords(args, kwargs, "O|Op$O", names, &object, &axis, &keepdims, &dtype);
    if (!parsed || axes_from(axis, &sizes, &axes) < 0) return NULL;
    if (dtype != Py_None && dtype_from(state, dtype, &code) < 0) return NULL;
    PyObject *x = tensor_from(state, object, dtype == Py_None ? NULL : &code, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x), axes, sizes.rank, keepdims))
    Py_DECREF(x);
    PyObject *result = tensor_wrap(state, handle);
    if (!result || dtype == Py_None) return result;
    PyObject *converted = tensor_cast(state, result, code);
    Py_DECREF(result);
    return converted;
}

/* Without an axis: the position among all elements, row-major, as in NumPy. */
static PyObject *position(State *state, PyObject *self, PyObject *args, PyObject *kwargs, PositionOp op) {
    PyObject *axis, *object = self;
    int keepdims;
    int64_t along = 0, all = -1;
    Sizes shape;
    if (!parse(args, kwargs, &object, &axis, &keepdims)) return NULL;
    if (axis != Py_None && int64_from(axis, "axis", &along) < 0) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *flat = NULL, *handle = NULL;
    const tw_tensor *input = TENSOR(x);
    if (axis == Py_None) input = flat = tw_reshape(NULL, input, &all, 1);
    if (input) {
        UNLOCKED(handle = op(NULL, input, along, keepdims))
    }
    if (handle && flat && keepdims) {
        for (int i = 0; i < TW_MAX_RANK; ++i) shape.values[i] = 1;
        tw_tensor *line = handle;
        handle = tw_tensor_rank(TENSOR(x), &shape.rank) == TW_OK ? tw_reshape(NULL, line, shape.values, shape.rank) : NULL;
        tw_release(line);
    }
    PyObject *result = tensor_wrap(state, handle);
    tw_release(flat);
    Py_DECREF(x);
    return result;
}

typedef tw_tensor *(*SpreadOp)(tw_scope *, const tw_tensor *, const int64_t *, int64_t, bool, double);

static PyObject *spread(State *state, PyObject *self, PyObject *args, PyObject *kwargs, SpreadOp op) {
    static char *names[] = {"x", "axis", "keepdims", "correction", NULL};
    PyObject *axis = Py_None, *object = self;
    int keepdims = 0;
    double correction = 0;
    Sizes sizes;
    const int64_t *axes;
    int parsed = self ? PyArg_ParseTupleAndKeywords(args, kwargs, "|Opd", names + 1, &axis, &keepdims, &correction)
                      : PyArg_ParseTupleAndKeywords(args, kwargs, "O|Opd", names, &object, &axis, &keepdims,
                                                    &correction);
    if (!parsed || axes_from(axis, &sizes, &axes) < 0) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x), axes, sizes.rank, keepdims, correction))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

#define BOTH(name, call) \
    static PyObject *function_##name(PyObject *module, PyObject *args, PyObject *kwargs) { \
        State *state = module_state(module); \
        PyObject *self = NULL; \
        return call; \
    } \
    PyObject *method_##name(PyObject *self, PyObject *args, PyObject *kwargs) { \
        State *state = object_state(self); \
        return call; \
    }
#define REDUCTION(name, doc) BOTH(name, reduce(state, self, args, kwargs, tw_##name))
#define TOTAL(name, doc) BOTH(name, total(state, self, args, kwargs, tw_##name))
REDUCTIONS(REDUCTION)
TOTALS(TOTAL)
BOTH(argmax, position(state, self, args, kwargs, tw_argmax))
BOTH(argmin, position(state, self, args, kwargs, tw_argmin))
BOTH(var, spread(state, self, args, kwargs, tw_var))
BOTH(std, spread(state, self, args, kwargs, tw_std))

#define ROW(name, doc) \
    {#name, METHOD_KEYWORDS(function_##name), \
     #name "(x, axis=None, keepdims=False)\n--\n\n" doc "\n`axis` is an integer, a tuple of them, or None for all."},

#define TOTAL_ROW(name, doc) \
    {#name, METHOD_KEYWORDS(function_##name), \
     #name "(x, axis=None, keepdims=False, *, dtype=None)\n--\n\n" doc \
           "\n`axis` is an integer, a tuple of them, or None for all; `dtype` that of the arithmetic."},

PyMethodDef ops_reduce_functions[] = {
    REDUCTIONS(ROW)
    TOTALS(TOTAL_ROW)
    {"var", METHOD_KEYWORDS(function_var),
     "var(x, axis=None, keepdims=False, correction=0)\n--\n\nVariances: squared deviations over (count - correction)."},
    {"std", METHOD_KEYWORDS(function_std),
     "std(x, axis=None, keepdims=False, correction=0)\n--\n\nStandard deviations: the roots of var."},
    {"argmax", METHOD_KEYWORDS(function_argmax),
     "argmax(x, axis=None, keepdims=False)\n--\n\nThe position of the largest along an axis, or of all, as int64: the first of\n"
     "equals, a NaN before all."},
    {"argmin", METHOD_KEYWORDS(function_argmin),
     "argmin(x, axis=None, keepdims=False)\n--\n\nThe position of the smallest, as argmax."},
    {0},
};
