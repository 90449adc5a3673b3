/* tensor[key]: integers, slices, None and ... give views; integers in a list,
   an array or a tensor pick positions along an axis. */
#include "talweg_python.h"

/* The view so far; starts as a tensor of somebody else's. */
typedef struct {
    State *state;
    tw_tensor *tensor;
    bool owned;
    int64_t axis; /* where the next key applies */
} Cursor;

static int advance(Cursor *cursor, tw_tensor *next) {
    if (cursor->owned) tw_release(cursor->tensor);
    cursor->tensor = next;
    cursor->owned = true;
    if (next) return 0;
    raise_last(cursor->state);
    return -1;
}

/* 1 for an integer (also NumPy's, or a tensor without axes), 0 for another kind of key. */
static int integer_key(PyObject *key, int64_t *index) {
    if (!PyIndex_Check(key) || PyBool_Check(key)) return 0;
    PyObject *whole = PyNumber_Index(key);
    if (!whole) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
        PyErr_Clear();
        return 0;
    }
    int result = int64_from(whole, "index", index) < 0 ? -1 : 1;
    Py_DECREF(whole);
    return result;
}

/* A bound of a slice: `none` if it is None. Python moves what is beyond the ends. */
static int bound(PyObject *slice, const char *name, int64_t none, int64_t *value) {
    PyObject *object = PyObject_GetAttrString(slice, name);
    if (!object) return -1;
    int result = 0;
    if (object == Py_None) {
        *value = none;
    } else {
        PyObject *index = PyNumber_Index(object);
        int overflow = 0;
        long long number = index ? PyLong_AsLongLongAndOverflow(index, &overflow) : -1;
        *value = overflow > 0 ? INT64_MAX : overflow < 0 ? INT64_MIN : number;
        result = index ? 0 : -1;
        Py_XDECREF(index);
    }
    Py_DECREF(object);
    return result;
}

static int apply_slice(Cursor *cursor, PyObject *slice) {
    int64_t start, stop, step;
    if (bound(slice, "step", 1, &step) < 0 ||
        bound(slice, "start", step < 0 ? INT64_MAX : 0, &start) < 0 ||
        bound(slice, "stop", step < 0 ? INT64_MIN : INT64_MAX, &stop) < 0)
        return -1;
    int64_t axis = cursor->axis++;
    if (start == 0 && stop == INT64_MAX && step == 1) return 0;
    return advance(cursor, tw_slice(NULL, cursor->tensor, axis, start, stop, step));
}

/* Positions of any rank: picked flat, then given their shape. */
static int apply_positions(Cursor *cursor, PyObject *key) {
    State *state = cursor->state;
    PyObject *positions = tensor_from(state, key, NULL, NULL);
    if (!positions) return -1;
    tw_dtype dtype;
    Sizes index_shape, shape, result = {.rank = 0};
    int64_t flat = -1, count;
    int status = -1;
    if (check(state, tw_tensor_dtype(TENSOR(positions), &dtype)) < 0 ||
        check(state, tw_tensor_count(TENSOR(positions), &count)) < 0 ||
        tensor_shape(state, TENSOR(positions), &index_shape) < 0 || tensor_shape(state, cursor->tensor, &shape) < 0)
        goto done;
    if (dtype == TW_BOOL) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "a bool mask as index is not there yet: use talweg.where, or positions from numpy.flatnonzero");
        goto done;
    }
    if (count == 0) { /* [] is float64 in NumPy, and an index all the same */
        PyObject *whole = tensor_cast(state, positions, TW_INT64);
        Py_DECREF(positions);
        if (!(positions = whole)) return -1;
    }
    if (shape.rank - 1 + index_shape.rank > TW_MAX_RANK) {
        PyErr_Format(PyExc_ValueError, "the result would have more than %d axes", TW_MAX_RANK);
        goto done;
    }
    for (int64_t i = 0; i < shape.rank; ++i) {
        if (i != cursor->axis) {
            result.values[result.rank++] = shape.values[i];
            continue;
        }
        for (int64_t j = 0; j < index_shape.rank; ++j) result.values[result.rank++] = index_shape.values[j];
    }
    flat = count;
    tw_tensor *line = tw_reshape(NULL, TENSOR(positions), &flat, 1);
    tw_tensor *picked = NULL;
    if (line) {
        UNLOCKED(picked = tw_index_select(NULL, cursor->tensor, cursor->axis, line))
        tw_release(line);
    }
    status = advance(cursor, picked);
    if (status == 0) status = advance(cursor, tw_reshape(NULL, cursor->tensor, result.values, result.rank));
    cursor->axis += index_shape.rank;
done:
    Py_DECREF(positions);
    return status;
}

/* Axes that a key uses up: all but None and ... use one. */
static int64_t axes_used(PyObject *keys) {
    int64_t used = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(keys); ++i) {
        PyObject *key = PyTuple_GetItem(keys, i);
        used += key != Py_None && key != Py_Ellipsis;
    }
    return used;
}

static int apply_one(Cursor *cursor, PyObject *key, int *advanced, int64_t skipped) {
    if (key == Py_None) {
        int64_t axis = cursor->axis++;
        return advance(cursor, tw_expand_dims(NULL, cursor->tensor, axis));
    }
    if (key == Py_Ellipsis) {
        cursor->axis += skipped;
        return 0;
    }
    if (PySlice_Check(key)) return apply_slice(cursor, key);
    int64_t index;
    int integer = integer_key(key, &index);
    if (integer < 0) return -1;
    if (integer) return advance(cursor, tw_select(NULL, cursor->tensor, cursor->axis, index));
    if (++*advanced > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "more than one list, array or tensor among the indices is not there yet: pick one axis at a time");
        return -1;
    }
    return apply_positions(cursor, key);
}

/* The view, in a cursor whose tensor the caller releases if it is owned. */
static int apply(Cursor *cursor, PyObject *key, int *advanced) {
    PyObject *keys = PyTuple_Check(key) ? Py_NewRef(key) : PyTuple_Pack(1, key);
    if (!keys) return -1;
    int64_t rank, used = axes_used(keys);
    int result = check(cursor->state, tw_tensor_rank(cursor->tensor, &rank));
    if (result == 0 && used > rank) {
        PyErr_Format(PyExc_IndexError, "%lld indices for a tensor of %lld axes", (long long)used, (long long)rank);
        result = -1;
    }
    int ellipses = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyTuple_Size(keys); ++i) {
        PyObject *one = PyTuple_GetItem(keys, i);
        if (one == Py_Ellipsis && ++ellipses > 1) {
            PyErr_SetString(PyExc_IndexError, "an index can only have a single ellipsis ('...')");
            result = -1;
        } else {
            result = apply_one(cursor, one, advanced, rank - used);
        }
    }
    Py_DECREF(keys);
    return result;
}

PyObject *tensor_get(PyObject *self, PyObject *key) {
    Cursor cursor = {object_state(self), TENSOR(self), false, 0};
    int advanced = 0;
    if (apply(&cursor, key, &advanced) < 0) {
        if (cursor.owned) tw_release(cursor.tensor);
        return NULL;
    }
    /* [...] and [:] give a view of their own, as everywhere. */
    if (!cursor.owned) {
        Sizes shape;
        if (tensor_shape(cursor.state, cursor.tensor, &shape) < 0) return NULL;
        cursor.tensor = tw_reshape(NULL, cursor.tensor, shape.values, shape.rank);
    }
    return tensor_wrap(cursor.state, cursor.tensor);
}

Py_ssize_t tensor_length(PyObject *self) {
    State *state = object_state(self);
    int64_t rank, size;
    if (check(state, tw_tensor_rank(TENSOR(self), &rank)) < 0) return -1;
    if (rank == 0) {
        PyErr_SetString(PyExc_TypeError, "a tensor without axes has no length");
        return -1;
    }
    return check(state, tw_tensor_size(TENSOR(self), 0, &size)) < 0 ? -1 : (Py_ssize_t)size;
}

/* What iteration calls: IndexError ends it. */
PyObject *tensor_get_position(PyObject *self, Py_ssize_t index) {
    Py_ssize_t length = tensor_length(self);
    if (length < 0) return NULL;
    if (index < 0 || index >= length) {
        PyErr_Format(PyExc_IndexError, "index %zd is out of range for %zd", index, length);
        return NULL;
    }
    return tensor_wrap(object_state(self), tw_select(NULL, TENSOR(self), 0, index));
}

/* tensor[key] = value, through a view. */
int tensor_set(PyObject *self, PyObject *key, PyObject *value) {
    State *state = object_state(self);
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "elements of a tensor cannot be deleted");
        return -1;
    }
    Cursor cursor = {state, TENSOR(self), false, 0};
    int advanced = 0, result = apply(&cursor, key, &advanced);
    if (result == 0 && advanced) {
        PyErr_SetString(PyExc_NotImplementedError, "assigning through a list, array or tensor of positions is not there yet");
        result = -1;
    }
    tw_dtype own;
    if (result == 0) result = check(state, tw_tensor_dtype(TENSOR(self), &own));
    /* A number takes the tensor's dtype at once: exactly, or it does not fit. */
    PyObject *source = result == 0 ? tensor_from(state, value, is_number(value) ? &own : NULL, NULL) : NULL;
    if (!source) result = -1;
    bool recorded = false;
    if (result == 0) result = check(state, tw_tensor_requires_grad(TENSOR(source), &recorded));
    if (result == 0 && recorded && tw_grad_enabled()) {
        PyErr_SetString(PyExc_ValueError, "assignment records no gradient: detach() the value");
        result = -1;
    }
    if (result == 0) {
        tw_status status;
        UNLOCKED(status = tw_tensor_assign(cursor.tensor, TENSOR(source)))
        result = check(state, status);
    }
    Py_XDECREF(source);
    if (cursor.owned) tw_release(cursor.tensor);
    return result;
}
