/* str and repr of tensors, from the engine's text. */
#include "talweg_python.h"

#include <string.h>

static tw_status write_text(const void *tensor, int64_t unused, char *text, size_t capacity, size_t *needed) {
    (void)unused;
    return tw_tensor_to_string(tensor, text, capacity, needed);
}

PyObject *tensor_str(PyObject *self) {
    return text_from(object_state(self), write_text, TENSOR(self), 0);
}

/* The engine writes as NumPy's str, with spaces between the elements and line
   feeds between the rows: here each gets its comma, and the lines the indent
   of what stands before the first. */
static PyObject *with_commas(const char *text, size_t length) {
    static const char indent[] = "       ";
    char *out = PyMem_Malloc(length * (sizeof indent + 1) + 1), *end = out;
    if (!out) return PyErr_NoMemory();
    for (size_t i = 0; i < length; ++i) {
        bool gap = text[i] == ' ' || text[i] == '\n';
        size_t next = i + strspn(text + i, " \n");
        if (gap && i > 0 && !strchr(" \n[", text[i - 1]) && text[next] != ']') *end++ = ',';
        *end++ = text[i];
        if (text[i] == '\n' && text[i + 1] != '\n') end = (char *)memcpy(end, indent, sizeof indent - 1) + sizeof indent - 1;
    }
    PyObject *result = PyUnicode_FromStringAndSize(out, end - out);
    PyMem_Free(out);
    return result;
}

/* tensor([[1., 2.],
          [3., 4.]], dtype=float64), with the shape where no element shows it */
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
    PyObject *text = tensor_str(self), *elements = NULL, *shape = NULL, *result = NULL;
    Py_ssize_t length;
    const char *bytes = text ? PyUnicode_AsUTF8AndSize(text, &length) : NULL;
    if (bytes) elements = with_commas(bytes, (size_t)length);
    if (elements) shape = count == 0 && rank != 1 ? PyObject_GetAttrString(self, "shape") : PyUnicode_FromString("");
    if (shape)
        result = PyUnicode_FromFormat("tensor(%U%s%S, dtype=%s%s)", elements, PyUnicode_Check(shape) ? "" : ", shape=",
                                      shape, tw_dtype_name(dtype), required ? ", requires_grad=True" : "");
    Py_XDECREF(text);
    Py_XDECREF(elements);
    Py_XDECREF(shape);
    return result;
}
