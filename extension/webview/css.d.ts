/** Style sheets are bundled by esbuild; importing one only says that it is needed. */
declare module '*.css';
