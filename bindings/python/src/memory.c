/* The memory that the engine keeps. */
#include "talweg_python.h"

static PyObject *set_cache_limit(PyObject *module, PyObject *bytes) {
    int64_t value;
    if (int64_from(bytes, "number of bytes", &value) < 0) return NULL;
    if (check(module_state(module), tw_set_cache_limit(value)) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *memory_stats(PyObject *module, PyObject *unused) {
    (void)unused;
    tw_memory_statistics stats = TW_MEMORY_STATISTICS_INIT;
    if (check(module_state(module), tw_memory_stats(&stats)) < 0) return NULL;
    return Py_BuildValue("{s:L,s:L,s:L,s:L,s:L,s:L}", "bytes_in_use", (long long)stats.bytes_in_use, "bytes_cached",
                         (long long)stats.bytes_cached, "peak_bytes_in_use", (long long)stats.peak_bytes_in_use,
                         "cache_limit", (long long)stats.cache_limit, "allocations", (long long)stats.allocations,
                         "system_allocations", (long long)stats.system_allocations);
}

PyMethodDef memory_functions[] = {
    {"set_cache_limit", set_cache_limit, METH_O,
     "set_cache_limit(bytes, /)\n--\n\nSets how many bytes of memory that tensors gave back are kept for later ones.\n"
     "Results do not depend on it. ValueError for a negative number."},
    {"memory_stats", memory_stats, METH_NOARGS,
     "memory_stats()\n--\n\nWhat the memory for tensors' elements is used for: a dict of bytes_in_use,\n"
     "bytes_cached, peak_bytes_in_use, cache_limit, allocations and system_allocations."},
    {0},
};
