/**
 * `maxRequestBody` of a route: a request that says that its body is larger is refused before the body is read; of any other no more is
 * read than this (`request-body.ts`, `upload.ts`).
 */
import { contentLength } from "../../transport/content-length.ts";
import { refuse, type FilterMaker } from "./filter.ts";

export const maxRequestBodyFilter: FilterMaker = ({ route: { maxRequestBytes } }) =>
  maxRequestBytes === undefined
    ? undefined
    : {
        name: "maxRequestBody",
        onThrow: "refuse",
        onRequest: (tx) => {
          tx.maxBodyBytes = Math.min(tx.maxBodyBytes, maxRequestBytes);
          const length = contentLength(tx.request.headers) ?? 0;
          return length > maxRequestBytes ? refuse({ kind: "body-too-large" }) : undefined;
        },
      };
