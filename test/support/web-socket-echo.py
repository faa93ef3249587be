"""A web socket echo server (RFC 6455) that shares no code with what is tested. Prints its port."""
import asyncio
import base64
import hashlib
import struct


async def shake_hands(reader, writer):
    request = (await reader.readuntil(b"\r\n\r\n")).decode("latin1")
    fields = dict(line.split(": ", 1) for line in request.split("\r\n")[1:] if ": " in line)
    key = {name.lower(): value for name, value in fields.items()}["sec-websocket-key"]
    accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(accept) + b"\r\n\r\n"
    )


async def frame(reader):
    first, second = await reader.readexactly(2)
    assert second & 0x80, "clients mask what they send"
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    mask = await reader.readexactly(4)
    data = await reader.readexactly(length)
    repeated = (mask * (length // 4 + 1))[:length]
    plain = int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")
    return first & 0x80, first & 0x0F, plain.to_bytes(length, "big")


def packed(opcode, data):
    length = len(data)
    if length < 126:
        head = struct.pack(">BB", 0x80 | opcode, length)
    elif length < 65536:
        head = struct.pack(">BBH", 0x80 | opcode, 126, length)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 127, length)
    return head + data


async def serve(reader, writer):
    try:
        await shake_hands(reader, writer)
        opcode, message = 0, b""
        while True:
            final, code, data = await frame(reader)
            if code == 8:
                writer.write(packed(8, data))
                break
            if code == 9:
                writer.write(packed(10, data))
                continue
            opcode, message = code or opcode, message + data
            if final:
                if message == b'"vanish"':
                    writer.transport.abort()
                    return
                writer.write(packed(opcode, message))
                await writer.drain()
                message = b""
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**26)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
