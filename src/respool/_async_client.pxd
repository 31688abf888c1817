"""Layout of the compiled halves of an asyncio client and its pipelines."""

from respool._client cimport CommandPath, PipelinePath


cdef class AsyncClientCore(CommandPath):
    cdef public object single_connection_client


cdef class AsyncPipelineCore(PipelinePath):
    pass
