"""Speaks TLS in front of a server that doesn't: tls_gate.py CERTIFICATE KEY AUTHORITY HOST:PORT

Lets in who shows a certificate that the authority has signed. Prints its port, and ends with its input.
"""

import http.client, http.server, os, ssl, sys, threading

certificate, key, authority, behind = sys.argv[1:]


class Gate(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = http.client.HTTPConnection(behind)
        server.request(self.command, self.path, body, {"Content-Type": self.headers.get("Content-Type", "")})
        answer = server.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = forward


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(authority)
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gate)
# Who shows nothing fails in a thread of its own.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
os._exit(0)
