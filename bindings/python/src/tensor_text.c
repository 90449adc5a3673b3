/* str and repr of tensors, from the engine's text. */
#include "talweg_python.h"

static tw_status write_text(const void *tensor, int64_t unused, char *text, size_t capacity, size_t *needed) {
    (void)unused;
    return tw_tensor_to_string(tensor, text, capacity, needed);
}

PyObject *tensor_str(PyObject *self) {
    return text_from(object_state(self), write_text, TENSOR(self), 0);
}

static const char prefix[] = "tensor(";

static tw_status write_literal(const void *tensor, int64_t length, char *text, size_t capacity, size_t *needed) {
    return tw_tensor_to_literal(tensor, length, text, capacity, needed);
}

/* What follows the elements goes to a line of its own, below them, where theirs has no room, as in NumPy. */
static PyObject *joined(PyObject *elements, PyObject *rest) {
    static const Py_ssize_t width = 75;
    Py_ssize_t length = PyUnicode_GetLength(elements);
    Py_ssize_t line_end = PyUnicode_FindChar(elements, '\n', 0, length, -1);
    Py_ssize_t last = line_end < 0 ? (Py_ssize_t)sizeof prefix - 1 + length : length - line_end - 1;
    const char *gap = last + 1 + PyUnicode_GetLength(rest) + 1 > width ? "\n       " : " ";
    return PyUnicode_FromFormat("%s%U,%s%U", prefix, elements, gap, rest);
}

/* tensor([[1., 2.],
          [3., 4.]], dtype=float64), with the shape where the elements do not show it */
PyObject *tensor_repr(PyObject *self) {
    State *state = object_state(self);
    tw_dtype dtype;
    bool required;
    int64_t count, rank;
    if (check(state, tw_tensor_dtype(TENSOR(self), &dtype)) < 0 ||
        check(state, tw_tensor_requires_grad(TENSOR(self), &required)) < 0 ||
        check(state, tw_tensor_count(TENSOR(self), &count)) < 0 ||
        check(state, tw_tensor_rank(TENSOR(self), &rank)) < 0)
        return NULL;
    PyObject *elements = text_from(state, write_literal, TENSOR(self), sizeof prefix - 1);
    PyObject *shape = !elements ? NULL
                      : (count == 0 && rank != 1) || count > 1000 ? PyObject_GetAttrString(self, "shape")
                                                                  : PyUnicode_FromString("");
    PyObject *rest = shape ? PyUnicode_FromFormat("%s%S%sdtype=%s%s)", PyUnicode_Check(shape) ? "" : "shape=", shape,
                                                  PyUnicode_Check(shape) ? "" : ", ", tw_dtype_name(dtype),
                                                  required ? ", requires_grad=True" : "")
                           : NULL;
    PyObject *result = rest ? joined(elements, rest) : NULL;
    Py_XDECREF(elements);
    Py_XDECREF(shape);
    Py_XDECREF(rest);
    return result;
}
