/* Elements in another arrangement: arrange.h. */
#include "talweg_python.h"

/* Gives the result of a call on a tensor-like object `x`, with the interpreter released. */
#define ON_TENSOR(state, object, call) \
    PyObject *input = tensor_from(state, object, NULL, NULL); \
    if (!input) return NULL; \
    const tw_tensor *x = TENSOR(input); \
    tw_tensor *handle; \
    UNLOCKED(handle = call) \
    Py_DECREF(input); \
    return tensor_wrap(state, handle);

static PyObject *function_flip(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "axis", NULL};
    State *state = module_state(module);
    PyObject *object, *axis = Py_None;
    Sizes sizes;
    const int64_t *axes;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O", names, &object, &axis) || axes_from(axis, &sizes, &axes) < 0)
        return NULL;
    ON_TENSOR(state, object, tw_flip(NULL, x, axes, sizes.rank))
}

static PyObject *function_roll(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "shift", "axis", NULL};
    State *state = module_state(module);
    PyObject *object, *shift, *axis = Py_None;
    Sizes shifts, axes;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O", names, &object, &shift, &axis) ||
        sizes_from(shift, "shift", &shifts) < 0)
        return NULL;
    if (axis == Py_None) {
        if (shifts.rank != 1) {
            PyErr_SetString(PyExc_ValueError, "roll: without an axis one shift is needed");
            return NULL;
        }
        ON_TENSOR(state, object, tw_roll(NULL, x, shifts.values, NULL, 1))
    }
    if (sizes_from(axis, "axis", &axes) < 0) return NULL;
    /* One shift serves all axes, as in NumPy. */
    for (int64_t i = 1; shifts.rank == 1 && i < axes.rank; ++i) shifts.values[i] = shifts.values[0];
    if (shifts.rank != 1 && shifts.rank != axes.rank) {
        PyErr_Format(PyExc_ValueError, "roll: %lld shifts and %lld axes", (long long)shifts.rank, (long long)axes.rank);
        return NULL;
    }
    ON_TENSOR(state, object, tw_roll(NULL, x, shifts.values, axes.values, axes.rank))
}

/* Without an axis, of the elements in row-major order. */
static PyObject *function_repeat(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "repeats", "axis", NULL};
    State *state = module_state(module);
    PyObject *object, *repeats, *axis = Py_None, *times = NULL, *result = NULL;
    int64_t along = 0, count = 0, all = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O", names, &object, &repeats, &axis)) return NULL;
    if (axis != Py_None && int64_from(axis, "axis", &along) < 0) return NULL;
    /* An array of integers is an index too, as long as it has one element. */
    if (PyIndex_Check(repeats) && !PySequence_Check(repeats) && !is_tensor(state, repeats)) {
        if (int64_from(repeats, "repeats", &count) < 0) return NULL;
    } else if (!(times = tensor_from(state, repeats, NULL, NULL))) {
        return NULL;
    }
    PyObject *input = tensor_from(state, object, NULL, NULL);
    if (input) {
        tw_tensor *flat = NULL, *handle = NULL;
        const tw_tensor *x = TENSOR(input);
        if (axis == Py_None) x = flat = tw_reshape(NULL, x, &all, 1);
        if (x) {
            UNLOCKED(handle = times ? tw_repeat_each(NULL, x, TENSOR(times), along) : tw_repeat(NULL, x, count, along))
        }
        result = tensor_wrap(state, handle);
        tw_release(flat);
        Py_DECREF(input);
    }
    Py_XDECREF(times);
    return result;
}

static PyObject *function_tile(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "repetitions", NULL};
    State *state = module_state(module);
    PyObject *object, *repetitions;
    Sizes times;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO", names, &object, &repetitions) ||
        sizes_from(repetitions, "repetitions", &times) < 0)
        return NULL;
    ON_TENSOR(state, object, tw_tile(NULL, x, times.values, times.rank))
}

/* `widths` has two numbers an axis, `mode` is a tw_pad_mode: talweg.pad has checked both. */
static PyObject *function__pad(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object, *widths;
    int64_t ends[2 * TW_MAX_RANK];
    int mode;
    double value;
    if (!PyArg_ParseTuple(args, "OO!id", &object, &PyTuple_Type, &widths, &mode, &value)) return NULL;
    Py_ssize_t count = PyTuple_Size(widths);
    if (count > 2 * TW_MAX_RANK) {
        PyErr_Format(PyExc_ValueError, "pad: %zd widths", count);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; ++i)
        if (int64_from(PyTuple_GetItem(widths, i), "width", &ends[i]) < 0) return NULL;
    ON_TENSOR(state, object, tw_pad(NULL, x, ends, count / 2, (tw_pad_mode)mode, value))
}

typedef tw_tensor *(*TriangleOp)(tw_scope *, const tw_tensor *, int64_t);

static PyObject *triangle(PyObject *module, PyObject *args, PyObject *kwargs, TriangleOp op) {
    static char *names[] = {"x", "k", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t k = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O&", names, &object, to_int64, &k)) return NULL;
    ON_TENSOR(state, object, op(NULL, x, k))
}

static PyObject *function_tril(PyObject *module, PyObject *args, PyObject *kwargs) {
    return triangle(module, args, kwargs, tw_tril);
}

static PyObject *function_triu(PyObject *module, PyObject *args, PyObject *kwargs) {
    return triangle(module, args, kwargs, tw_triu);
}

typedef tw_tensor *(*AxisFlagOp)(tw_scope *, const tw_tensor *, int64_t, bool);

static PyObject *accumulate(PyObject *module, PyObject *args, PyObject *kwargs, AxisFlagOp op) {
    static char *names[] = {"x", "axis", "dtype", "include_initial", NULL};
    State *state = module_state(module);
    PyObject *object, *axis = Py_None, *dtype = Py_None, *result = NULL;
    int initial = 0;
    int64_t along = 0, rank;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$OOp", names, &object, &axis, &dtype, &initial)) return NULL;
    if (axis != Py_None && int64_from(axis, "axis", &along) < 0) return NULL;
    tw_dtype wanted = TW_FLOAT32;
    if (dtype != Py_None && dtype_from(state, dtype, &wanted) < 0) return NULL;
    PyObject *input = tensor_from(state, object, NULL, NULL);
    if (!input) return NULL;
    if (check(state, tw_tensor_rank(TENSOR(input), &rank)) == 0) {
        if (axis == Py_None && rank != 1) {
            PyErr_Format(PyExc_ValueError, "an axis is needed for a tensor that has %lld", (long long)rank);
        } else {
            const tw_tensor *x = TENSOR(input);
            tw_tensor *converted = NULL, *handle = NULL;
            if (dtype != Py_None) x = converted = tw_cast(NULL, x, wanted);
            if (x) {
                UNLOCKED(handle = op(NULL, x, along, initial))
            }
            tw_release(converted);
            if (handle && dtype != Py_None) {
                tw_tensor *accumulated = handle;
                handle = tw_cast(NULL, accumulated, wanted);
                tw_release(accumulated);
            }
            result = tensor_wrap(state, handle);
        }
    }
    Py_DECREF(input);
    return result;
}

static PyObject *function_cumulative_sum(PyObject *module, PyObject *args, PyObject *kwargs) {
    return accumulate(module, args, kwargs, tw_cumulative_sum);
}

static PyObject *function_cumulative_prod(PyObject *module, PyObject *args, PyObject *kwargs) {
    return accumulate(module, args, kwargs, tw_cumulative_prod);
}

/* The engine's sort is stable always. */
static PyObject *sorted(PyObject *module, PyObject *args, PyObject *kwargs, AxisFlagOp op) {
    static char *names[] = {"x", "axis", "descending", "stable", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t axis = -1;
    int descending = 0, stable = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$O&pp", names, &object, to_int64, &axis, &descending, &stable))
        return NULL;
    ON_TENSOR(state, object, op(NULL, x, axis, descending))
}

static PyObject *function_sort(PyObject *module, PyObject *args, PyObject *kwargs) {
    return sorted(module, args, kwargs, tw_sort);
}

static PyObject *function_argsort(PyObject *module, PyObject *args, PyObject *kwargs) {
    return sorted(module, args, kwargs, tw_argsort);
}

static PyObject *function__diff(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int64_t axis, n;
    if (!PyArg_ParseTuple(args, "OO&O&", &object, to_int64, &axis, to_int64, &n)) return NULL;
    ON_TENSOR(state, object, tw_diff(NULL, x, axis, n))
}

PyMethodDef ops_arrange_functions[] = {
    {"flip", METHOD_KEYWORDS(function_flip),
     "flip(x, axis=None)\n--\n\nReverses the positions of some axes, or of all. Never copies."},
    {"roll", METHOD_KEYWORDS(function_roll),
     "roll(x, shift, axis=None)\n--\n\nMoves position p of an axis to p + shift, and what leaves one end in at the other.\n"
     "Without an axis, all elements in row-major order."},
    {"repeat", METHOD_KEYWORDS(function_repeat),
     "repeat(x, repeats, axis=None)\n--\n\nEach position of an axis `repeats` times, a number or one for each position.\n"
     "Without an axis, of the elements in row-major order."},
    {"tile", METHOD_KEYWORDS(function_tile),
     "tile(x, repetitions)\n--\n\n"
     "All of x repetitions[i] times along axis i; the shorter gets ones in front."},
    {"_pad", function__pad, METH_VARARGS, NULL},
    {"tril", METHOD_KEYWORDS(function_tril),
     "tril(x, k=0)\n--\n\nThe elements of the last two axes at and below diagonal k, zeros elsewhere."},
    {"triu", METHOD_KEYWORDS(function_triu),
     "triu(x, k=0)\n--\n\nThe elements of the last two axes at and above diagonal k, zeros elsewhere."},
    {"cumulative_sum", METHOD_KEYWORDS(function_cumulative_sum),
     "cumulative_sum(x, *, axis=None, dtype=None, include_initial=False)\n--\n\n"
     "Sums of the positions up to each along an axis (of more than one: which must be named);\n"
     "bool and integers sum to int64, unsigned ones to uint64. With include_initial a 0 comes first."},
    {"cumulative_prod", METHOD_KEYWORDS(function_cumulative_prod),
     "cumulative_prod(x, *, axis=None, dtype=None, include_initial=False)\n--\n\n"
     "Products of the positions up to each along an axis; as cumulative_sum, with a 1 first."},
    {"sort", METHOD_KEYWORDS(function_sort),
     "sort(x, *, axis=-1, descending=False, stable=True)\n--\n\n"
     "The elements of an axis in their order; equal ones always keep theirs. NaN is the greatest."},
    {"argsort", METHOD_KEYWORDS(function_argsort),
     "argsort(x, *, axis=-1, descending=False, stable=True)\n--\n\nThe positions that sort takes its elements from."},
    {"_diff", function__diff, METH_VARARGS, NULL},
    {0},
};
