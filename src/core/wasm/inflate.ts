// Decompression. A file of its own in the package, as fflate builds its tables when it is loaded.
export { inflateSync } from 'fflate';
