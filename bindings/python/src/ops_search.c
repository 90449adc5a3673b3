/* Where elements are, which are distinct, which the greatest: search.h. */
#include "talweg_python.h"

#include <string.h>

/* Whether a text is the second of two; -1 with an exception if it is neither. */
static int second_of(PyObject *text, const char *name, const char *first, const char *second) {
    if (PyUnicode_Check(text)) {
        if (PyUnicode_CompareWithASCIIString(text, first) == 0) return 0;
        if (PyUnicode_CompareWithASCIIString(text, second) == 0) return 1;
    }
    PyErr_Format(PyExc_ValueError, "%s is '%s' or '%s', not %R", name, first, second, text);
    return -1;
}

static PyObject *function_searchsorted(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "", "side", "sorter", NULL};
    State *state = module_state(module);
    PyObject *x1, *x2, *side = NULL, *order = Py_None, *sorter, *result = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$OO", names, &x1, &x2, &side, &order)) return NULL;
    int right = side ? second_of(side, "side", "left", "right") : 0;
    PyObject *sorted = right >= 0 ? tensor_from(state, x1, NULL, NULL) : NULL;
    PyObject *values = NULL;
    tw_dtype dtype;
    if (sorted && is_number(x2) && check(state, tw_tensor_dtype(TENSOR(sorted), &dtype)) == 0)
        values = number_beside(state, x2, dtype);
    else if (sorted && !is_number(x2))
        values = tensor_from(state, x2, NULL, NULL);
    if (values && tensor_or_none(state, order, &sorter) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_searchsorted(NULL, TENSOR(sorted), TENSOR(values), right, sorter ? TENSOR(sorter) : NULL))
        result = tensor_wrap(state, handle);
        Py_XDECREF(sorter);
    }
    Py_XDECREF(sorted);
    Py_XDECREF(values);
    return result;
}

/* A tuple of the rows of a tensor, each a view. */
static PyObject *rows_tuple(State *state, PyObject *rows) {
    int64_t count;
    if (check(state, tw_tensor_size(TENSOR(rows), 0, &count)) < 0) return NULL;
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (int64_t i = 0; tuple && i < count; ++i) {
        PyObject *row = tensor_wrap(state, tw_select(NULL, TENSOR(rows), 0, i));
        if (!row || PyTuple_SetItem(tuple, (Py_ssize_t)i, row) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *function_nonzero(PyObject *module, PyObject *object) {
    State *state = module_state(module);
    PyObject *rows = unary(state, object, tw_nonzero);
    PyObject *result = rows ? rows_tuple(state, rows) : NULL;
    Py_XDECREF(rows);
    return result;
}

static PyObject *function_count_nonzero(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "axis", "keepdims", NULL};
    State *state = module_state(module);
    PyObject *object, *axis = Py_None;
    int keepdims = 0;
    Sizes sizes;
    const int64_t *axes;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$Op", names, &object, &axis, &keepdims) ||
        axes_from(axis, &sizes, &axes) < 0)
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_count_nonzero(NULL, TENSOR(x), axes, sizes.rank, keepdims))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

/* A tuple of `first` and of those of `others` that there are, all of which it takes. */
static PyObject *results_tuple(State *state, tw_tensor *first, tw_tensor **others, Py_ssize_t count) {
    if (!first) return raise_last(state);
    Py_ssize_t wanted = 1;
    for (Py_ssize_t i = 0; i < count; ++i) wanted += others[i] != NULL;
    PyObject *tuple = PyTuple_New(wanted);
    Py_ssize_t place = 0;
    for (Py_ssize_t i = -1; i < count; ++i) {
        tw_tensor *handle = i < 0 ? first : others[i];
        if (!handle) continue;
        PyObject *tensor = tuple ? tensor_wrap(state, handle) : NULL;
        if (!tuple) tw_release(handle);
        else if (!tensor || PyTuple_SetItem(tuple, place++, tensor) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *function__unique(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object;
    int indices, inverse, counts;
    if (!PyArg_ParseTuple(args, "Oppp", &object, &indices, &inverse, &counts)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *values, *others[3] = {NULL, NULL, NULL};
    UNLOCKED(values = tw_unique(NULL, TENSOR(x), indices ? &others[0] : NULL, inverse ? &others[1] : NULL,
                                counts ? &others[2] : NULL))
    Py_DECREF(x);
    return results_tuple(state, values, others, 3);
}

static PyObject *function_isin(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "", "invert", NULL};
    State *state = module_state(module);
    PyObject *a, *b, *result = NULL;
    int inverted = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$p", names, &a, &b, &inverted)) return NULL;
    PyObject *x = tensor_from(state, a, NULL, NULL);
    PyObject *elements = x ? tensor_from(state, b, NULL, NULL) : NULL;
    if (elements) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_isin(NULL, TENSOR(x), TENSOR(elements), inverted))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(elements);
    return result;
}

static PyObject *function_top_k(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "", "axis", "largest", "sorted", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t k, axis = -1;
    int largest = 1, sorted = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&|$O&pp", names, &object, to_int64, &k, to_int64, &axis,
                                     &largest, &sorted))
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *values, *indices = NULL;
    UNLOCKED(values = tw_top_k(NULL, TENSOR(x), k, axis, largest, sorted, &indices))
    Py_DECREF(x);
    return results_tuple(state, values, &indices, 1);
}

static PyObject *function_one_hot(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "", "dtype", NULL};
    State *state = module_state(module);
    PyObject *object, *dtype = Py_None;
    int64_t classes;
    tw_dtype code = TW_FLOAT64;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&|$O", names, &object, to_int64, &classes, &dtype) ||
        (dtype != Py_None && dtype_from(state, dtype, &code) < 0))
        return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_one_hot(NULL, TENSOR(x), classes, code))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

PyMethodDef ops_search_functions[] = {
    {"searchsorted", METHOD_KEYWORDS(function_searchsorted),
     "searchsorted(x1, x2, /, *, side='left', sorter=None)\n--\n\n"
     "Where each value of x2 would be put into x1, 1-d and ascending, to keep its order: before what is\n"
     "equal to it ('left') or behind ('right'). sorter: positions that bring x1 into order."},
    {"nonzero", function_nonzero, METH_O,
     "nonzero(x, /)\n--\n\nWhere x is not 0, in row-major order: a tuple of int64 positions, one for each axis."},
    {"count_nonzero", METHOD_KEYWORDS(function_count_nonzero),
     "count_nonzero(x, /, *, axis=None, keepdims=False)\n--\n\nHow many elements are not 0, as int64."},
    {"_unique", function__unique, METH_VARARGS, NULL},
    {"isin", METHOD_KEYWORDS(function_isin),
     "isin(x1, x2, /, *, invert=False)\n--\n\n"
     "Whether each element of x1 is one of those of x2, or with invert is none. NaN equals nothing."},
    {"top_k", METHOD_KEYWORDS(function_top_k),
     "top_k(x, k, /, *, axis=-1, largest=True, sorted=True)\n--\n\n"
     "The k greatest (or least) elements of an axis and their positions: (values, indices). Of equal ones\n"
     "the first are taken, NaN is the greatest. Without sorted they stand by position."},
    {"one_hot", METHOD_KEYWORDS(function_one_hot),
     "one_hot(x, num_classes, /, *, dtype=None)\n--\n\n"
     "Rows of zeros with a one at the position that each integer of x names: [.., num_classes].\n"
     "float64 by default. IndexError outside 0 ... num_classes - 1."},
    {0},
};
