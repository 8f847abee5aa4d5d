// Talk between the windows of one browser; where it has no such thing, nobody answers.

export function openChannel(name) {
  try {
    const channel = new BroadcastChannel(name);
    return {
      post: (message) => channel.postMessage(message),
      listen: (heard) => channel.addEventListener("message", (event) => heard(event.data)),
    };
  } catch {
    return { post: () => {}, listen: () => {} };
  }
}
