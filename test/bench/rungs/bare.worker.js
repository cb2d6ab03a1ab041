/** Sends the request on and the answer back, and looks at neither. */
export default {
  /**
   * @param {Request} request
   * @param {{ ORIGIN: string }} env
   */
  fetch(request, env) {
    const target = request.url.slice(request.url.indexOf("/", 8));
    return fetch(new Request(env.ORIGIN + target, request));
  },
};
