/* Views, joining and picking. */
#include "talweg_python.h"

typedef PyObject *(*ShapeOp)(State *, const tw_tensor *, PyObject *sizes);

static PyObject *shape_reshape(State *state, const tw_tensor *x, PyObject *object) {
    Sizes sizes;
    if (sizes_from(object, "size", &sizes) < 0) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_reshape(NULL, x, sizes.values, sizes.rank))
    return tensor_wrap(state, handle);
}

static PyObject *shape_broadcast_to(State *state, const tw_tensor *x, PyObject *object) {
    Sizes sizes;
    if (sizes_from(object, "size", &sizes) < 0) return NULL;
    return tensor_wrap(state, tw_broadcast_to(NULL, x, sizes.values, sizes.rank));
}

static PyObject *shape_permute(State *state, const tw_tensor *x, PyObject *object) {
    Sizes axes;
    int64_t rank;
    if (sizes_from(object, "axis", &axes) < 0 || check(state, tw_tensor_rank(x, &rank)) < 0) return NULL;
    if (axes.rank != rank) {
        PyErr_Format(PyExc_ValueError, "permute: %lld axes named of a tensor that has %lld", (long long)axes.rank,
                     (long long)rank);
        return NULL;
    }
    return tensor_wrap(state, tw_permute(NULL, x, axes.values, rank));
}

static PyObject *shape_transpose(State *state, const tw_tensor *x, PyObject *object) {
    Sizes axes;
    int64_t rank;
    if (sizes_from(object, "axis", &axes) < 0 || check(state, tw_tensor_rank(x, &rank)) < 0) return NULL;
    if (axes.rank == 2) return tensor_wrap(state, tw_transpose(NULL, x, axes.values[0], axes.values[1]));
    if (axes.rank == 0) {
        axes.rank = rank;
        for (int64_t i = 0; i < rank; ++i) axes.values[i] = rank - 1 - i;
    }
    if (axes.rank != rank) {
        PyErr_Format(PyExc_ValueError, "transpose: %lld axes named of a tensor that has %lld: name none, two or all",
                     (long long)axes.rank, (long long)rank);
        return NULL;
    }
    return tensor_wrap(state, tw_permute(NULL, x, axes.values, rank));
}

static PyObject *shape_expand_dims(State *state, const tw_tensor *x, PyObject *object) {
    int64_t axis;
    if (PyTuple_Check(object) && PyTuple_Size(object) == 1) object = PyTuple_GetItem(object, 0);
    if (int64_from(object, "axis", &axis) < 0) return NULL;
    return tensor_wrap(state, tw_expand_dims(NULL, x, axis));
}

/* The axes from the last, so that those before keep their numbers; None means all of size 1. */
static PyObject *shape_squeeze(State *state, const tw_tensor *x, PyObject *object) {
    Sizes axes = {.rank = 0}, shape;
    if ((object != Py_None && sizes_from(object, "axis", &axes) < 0) || tensor_shape(state, x, &shape) < 0) return NULL;
    bool drop[TW_MAX_RANK] = {false};
    for (int64_t i = 0; object == Py_None && i < shape.rank; ++i) drop[i] = shape.values[i] == 1;
    for (int64_t i = 0; i < axes.rank; ++i) {
        int64_t axis = axes.values[i] < 0 ? axes.values[i] + shape.rank : axes.values[i];
        if (axis < 0 || axis >= shape.rank) {
            PyErr_Format(PyExc_IndexError, "squeeze: axis %lld of %lld", (long long)axes.values[i], (long long)shape.rank);
            return NULL;
        }
        drop[axis] = true;
    }
    tw_tensor *view = tw_reshape(NULL, x, shape.values, shape.rank);
    for (int64_t axis = shape.rank - 1; view && axis >= 0; --axis) {
        if (!drop[axis]) continue;
        tw_tensor *next = tw_squeeze(NULL, view, axis);
        tw_release(view);
        view = next;
    }
    return tensor_wrap(state, view);
}

/* x.reshape(2, 3) and x.reshape((2, 3)) alike. */
static PyObject *spread(PyObject *args) {
    PyObject *only = PyTuple_Size(args) == 1 ? PyTuple_GetItem(args, 0) : NULL;
    if (only == Py_None) return PyTuple_New(0);
    return Py_NewRef(only && !PyIndex_Check(only) ? only : args);
}

static PyObject *shape_method(PyObject *self, PyObject *args, ShapeOp op) {
    bool all = op == shape_squeeze && (PyTuple_Size(args) == 0 || PyTuple_GetItem(args, 0) == Py_None);
    PyObject *sizes = all ? Py_NewRef(Py_None) : spread(args);
    PyObject *result = sizes ? op(object_state(self), TENSOR(self), sizes) : NULL;
    Py_XDECREF(sizes);
    return result;
}

/* transpose(x, 1, 0) and permute(x, (1, 0)) alike. */
static PyObject *shape_function(PyObject *module, PyObject *args, ShapeOp op) {
    if (PyTuple_Size(args) < 1) {
        PyErr_SetString(PyExc_TypeError, "a tensor is needed first");
        return NULL;
    }
    State *state = module_state(module);
    PyObject *x = tensor_from(state, PyTuple_GetItem(args, 0), NULL, NULL);
    PyObject *rest = x ? PyTuple_GetSlice(args, 1, PyTuple_Size(args)) : NULL;
    PyObject *sizes = rest ? spread(rest) : NULL;
    PyObject *result = sizes ? op(state, TENSOR(x), sizes) : NULL;
    Py_XDECREF(x);
    Py_XDECREF(rest);
    Py_XDECREF(sizes);
    return result;
}

static PyObject *function_transpose(PyObject *module, PyObject *args) {
    return shape_function(module, args, shape_transpose);
}

static PyObject *function_permute(PyObject *module, PyObject *args) {
    return shape_function(module, args, shape_permute);
}

/* The array API's form: the tensor, then one argument, which may be named. */
static PyObject *one_argument(PyObject *module, PyObject *args, PyObject *kwargs, char *name, const char *format,
                              ShapeOp op) {
    char *names[] = {"", name, NULL};
    State *state = module_state(module);
    PyObject *object, *sizes = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &object, &sizes)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    PyObject *result = x ? op(state, TENSOR(x), sizes) : NULL;
    Py_XDECREF(x);
    return result;
}

static PyObject *function_permute_dims(PyObject *module, PyObject *args, PyObject *kwargs) {
    return one_argument(module, args, kwargs, "axes", "OO:permute_dims", shape_permute);
}

static PyObject *function_broadcast_to(PyObject *module, PyObject *args, PyObject *kwargs) {
    return one_argument(module, args, kwargs, "shape", "OO:broadcast_to", shape_broadcast_to);
}

static PyObject *function_expand_dims(PyObject *module, PyObject *args, PyObject *kwargs) {
    return one_argument(module, args, kwargs, "axis", "OO:expand_dims", shape_expand_dims);
}

static PyObject *function_squeeze(PyObject *module, PyObject *args, PyObject *kwargs) {
    return one_argument(module, args, kwargs, "axis", "O|O:squeeze", shape_squeeze);
}

/* `copy` as in asarray. */
static PyObject *function_reshape(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "shape", "copy", NULL};
    State *state = module_state(module);
    PyObject *object, *shape, *copy = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|$O:reshape", names, &object, &shape, &copy)) return NULL;
    int copied = copy == Py_None ? -1 : PyObject_IsTrue(copy);
    PyObject *x = PyErr_Occurred() ? NULL : tensor_from(state, object, NULL, NULL);
    PyObject *result = x ? shape_reshape(state, TENSOR(x), shape) : NULL;
    const void *before, *after;
    if (result && copied >= 0 && check(state, tw_tensor_data(TENSOR(x), &before)) == 0 &&
        check(state, tw_tensor_data(TENSOR(result), &after)) == 0) {
        PyObject *shared = result;
        if (copied && before == after) {
            result = unary(state, shared, tw_copy);
            Py_DECREF(shared);
        } else if (!copied && before != after) {
            PyErr_SetString(PyExc_ValueError, "reshape: copy=False, and the strides do not allow it without a copy");
            Py_CLEAR(result);
        }
    }
    Py_XDECREF(x);
    return result;
}

#define SHAPE_METHOD(name, doc) \
    PyObject *method_##name(PyObject *self, PyObject *args) { \
        return shape_method(self, args, shape_##name); \
    }
SHAPE_METHODS(SHAPE_METHOD)

typedef tw_tensor *(*JoinOp)(tw_scope *, const tw_tensor *const *, int64_t, int64_t);

/* Makes tensors 1-d, in place of those that `keep` holds. */
static int flatten(State *state, PyObject *keep, tw_tensor **handles, Py_ssize_t count) {
    const int64_t all = -1;
    for (Py_ssize_t i = 0; i < count; ++i) {
        PyObject *line = tensor_wrap(state, tw_reshape(NULL, handles[i], &all, 1));
        if (!line || PyTuple_SetItem(keep, i, line) < 0) return -1;
        handles[i] = TENSOR(line);
    }
    return 0;
}

static PyObject *join(PyObject *module, PyObject *args, PyObject *kwargs, JoinOp op) {
    static char *names[] = {"", "axis", NULL};
    State *state = module_state(module);
    PyObject *sequence, *keep, *given = NULL;
    int64_t axis = 0;
    tw_tensor **handles, *handle;
    Py_ssize_t count;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O", names, &sequence, &given)) return NULL;
    bool flat = given == Py_None && op == tw_concatenate;
    if (given && !flat && int64_from(given, "axis", &axis) < 0) return NULL;
    if (tensors_from(state, sequence, &keep, &handles, &count) < 0) return NULL;
    if (flat && flatten(state, keep, handles, count) < 0) {
        handle = NULL;
    } else {
        UNLOCKED(handle = op(NULL, (const tw_tensor *const *)handles, count, axis))
    }
    PyMem_Free(handles);
    Py_DECREF(keep);
    return tensor_wrap(state, handle);
}

/* Without an axis all elements of each, in row-major order. */
static PyObject *function_concatenate(PyObject *module, PyObject *args, PyObject *kwargs) {
    return join(module, args, kwargs, tw_concatenate);
}

static PyObject *function_stack(PyObject *module, PyObject *args, PyObject *kwargs) {
    return join(module, args, kwargs, tw_stack);
}

typedef tw_tensor *(*PickOp)(tw_scope *, const tw_tensor *, int64_t, const tw_tensor *);

static PyObject *pick(PyObject *module, PyObject *args, PyObject *kwargs, PickOp op) {
    static char *names[] = {"x", "axis", "indices", NULL};
    State *state = module_state(module);
    PyObject *object, *indices, *result = NULL;
    int64_t axis;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO&O", names, &object, to_int64, &axis, &indices)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    PyObject *positions = x ? tensor_from(state, indices, NULL, NULL) : NULL;
    if (positions) {
        tw_tensor *handle;
        UNLOCKED(handle = op(NULL, TENSOR(x), axis, TENSOR(positions)))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(positions);
    return result;
}

static PyObject *function_index_select(PyObject *module, PyObject *args, PyObject *kwargs) {
    return pick(module, args, kwargs, tw_index_select);
}

static PyObject *function_gather(PyObject *module, PyObject *args, PyObject *kwargs) {
    return pick(module, args, kwargs, tw_gather);
}

PyMethodDef ops_shape_functions[] = {
    {"transpose", function_transpose, METH_VARARGS,
     "transpose(x, /, *axes)\n--\n\nWithout axes reversed; with two axes those swapped; with all of them permuted."},
    {"permute", function_permute, METH_VARARGS,
     "permute(x, /, *axes)\n--\n\nAxis i of the result is axis axes[i]. Never copies."},
    {"permute_dims", METHOD_KEYWORDS(function_permute_dims),
     "permute_dims(x, /, axes)\n--\n\nAxis i of the result is axis axes[i]. Never copies."},
    {"reshape", METHOD_KEYWORDS(function_reshape),
     "reshape(x, /, shape, *, copy=None)\n--\n\n"
     "The same elements in row-major order under another shape; one size may be -1. `copy`:\n"
     "True for memory of its own, False for ValueError where a copy would be needed."},
    {"broadcast_to", METHOD_KEYWORDS(function_broadcast_to),
     "broadcast_to(x, /, shape)\n--\n\nRepeats size-1 axes to fit the shape. Never copies."},
    {"expand_dims", METHOD_KEYWORDS(function_expand_dims),
     "expand_dims(x, /, axis)\n--\n\nAdds an axis of size 1 before position axis."},
    {"squeeze", METHOD_KEYWORDS(function_squeeze),
     "squeeze(x, /, axis=None)\n--\n\nDrops axes of size 1: one, some, or all of them."},
    {"concatenate", METHOD_KEYWORDS(function_concatenate),
     "concatenate(arrays, /, axis=0)\n--\n\n"
     "Joins tensors along an axis; other sizes must agree. With None all elements of each."},
    {"stack", METHOD_KEYWORDS(function_stack),
     "stack(arrays, /, axis=0)\n--\n\nJoins tensors of one shape along a new axis."},
    {"index_select", METHOD_KEYWORDS(function_index_select),
     "index_select(x, axis, indices)\n--\n\nPositions `indices` (integers) along an axis, whose place they take; negative ones count from the end.\n"
     "IndexError out of range."},
    {"gather", METHOD_KEYWORDS(function_gather),
     "gather(x, axis, indices)\n--\n\ny[.., i, ..] = x[.., indices[.., i, ..], ..]; `indices` has x's rank and its sizes but\n"
     "along the axis."},
    {0},
};
